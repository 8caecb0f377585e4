import Skein
import Testing

extension EventStore {
    /// Appends what must be new to the store.
    @discardableResult
    func keep(
        _ append: StreamAppend,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> AppendReceipt {
        switch try await self.append(append) {
        case .stored(let receipt): return receipt
        case .known(let known):
            throw ConformanceFailure(
                "expected the append to be stored, found \(known.count) known commands",
                at: location
            )
        }
    }

    /// Appends what the store must know already.
    func recall(
        _ append: StreamAppend,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> [KnownCommand] {
        switch try await self.append(append) {
        case .known(let known): return known
        case .stored(let receipt):
            throw ConformanceFailure(
                "expected a known command, but the append was stored at version \(receipt.version)",
                at: location
            )
        }
    }

    /// What became of a command that the store must know.
    func known(_ command: CommandID, at location: SourceLocation = #_sourceLocation) async throws -> KnownCommand {
        guard let known = try await outcome(of: command) else {
            throw ConformanceFailure("the command is not known", at: location)
        }
        return known
    }

    /// The whole log from the first event on, page by page.
    func log(
        _ filter: EventFilter = .all,
        page: Int? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> [StoredEvent] {
        try await log(after: 0, filter, page: page, at: location)
    }

    /// The log after a position, page by page.
    func log(
        after position: Int64,
        _ filter: EventFilter = .all,
        page size: Int? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> [StoredEvent] {
        let limit = size ?? limits.pageSize
        var events: [StoredEvent] = []
        var place = position
        while true {
            let page = try await readLog(from: place, direction: .forward, filter: filter, limit: limit)
            events += page.events
            if page.scannedThrough >= page.head { return events }
            guard page.scannedThrough > place else {
                throw ConformanceFailure("reading the log forward does not get beyond position \(place)", at: location)
            }
            place = page.scannedThrough
        }
    }

    /// The whole log from the last event on, page by page.
    func logBackward(
        _ filter: EventFilter = .all,
        page size: Int? = nil,
        at location: SourceLocation = #_sourceLocation
    ) async throws -> [StoredEvent] {
        let limit = size ?? limits.pageSize
        var events: [StoredEvent] = []
        var place = try await head() + 1
        while place > 1 {
            let page = try await readLog(from: place, direction: .backward, filter: filter, limit: limit)
            events += page.events
            guard page.scannedThrough < place else {
                throw ConformanceFailure("reading the log backward does not get beyond position \(place)", at: location)
            }
            place = page.scannedThrough
        }
        return events
    }

    /// A stream's events from the first on, page by page.
    func events(of stream: StreamID = .ada, page size: Int? = nil) async throws -> [StoredEvent] {
        let limit = size ?? limits.pageSize
        var events: [StoredEvent] = []
        while true {
            let page = try await read(stream, from: Int64(events.count) + 1, direction: .forward, limit: limit)
            events += page
            if page.count < limit { return events }
        }
    }

    /// The texts of a stream's events.
    func notes(of stream: StreamID = .ada) async throws -> [String] {
        try await events(of: stream).map(\.note)
    }
}
