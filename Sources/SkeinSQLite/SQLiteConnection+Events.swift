import Skein

/// A stream as the tables know it.
struct StreamState: Sendable {
    let key: Int64
    var version: Int64
    var isDeleted: Bool
}

extension SQLiteConnection {
    /// How many streams' names a connection remembers.
    private static let nameLimit = 65_536

    func head() throws -> Int64 {
        guard let head = try first(.head, read: { $0.integer(0) }) ?? nil, head >= 0 else {
            throw EventStoreError(.corrupt, "the table skein_head does not hold a position")
        }
        return head
    }

    func stream(_ stream: StreamID) throws -> StreamState? {
        try first(.stream) { statement in
            statement.bind(stream.id, at: 1)
            statement.bind(stream.aggregate, at: 2)
        } read: { row in
            guard let key = row.integer(0), let deleted = row.integer(1), let version = row.integer(2), version >= 0
            else { throw EventStoreError(.corrupt, "the stream \(stream) is damaged in the table skein_streams") }
            return StreamState(key: key, version: version, isDeleted: deleted != 0)
        }
    }

    /// The stream, if it can be read.
    func readableStream(_ stream: StreamID) throws -> StreamState? {
        guard let state = try self.stream(stream) else { return nil }
        guard !state.isDeleted else { throw EventStoreError(.streamDeleted, "the stream was deleted") }
        return state
    }

    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) throws -> [StoredEvent] {
        guard let state = try readableStream(stream), state.version > 0 else {
            throw EventStoreError(.streamNotFound, "the stream has no event")
        }
        let statement = try statement(direction == .forward ? .streamForward : .streamBackward)
        defer { statement.reset() }
        statement.bind(state.key, at: 1)
        statement.bind(version, at: 2)
        statement.bind(Int64(limit), at: 3)
        var events: [StoredEvent] = []
        let step: Int64 = direction == .forward ? 1 : -1
        while try statement.step() {
            let event = try EventRow(statement).event(in: stream)
            if let last = events.last, last.version &+ step != event.version {
                throw EventRow.damaged(event.position, "version \(event.version) follows version \(last.version)")
            }
            events.append(event)
        }
        return events
    }

    func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int,
        scanLimit: Int
    ) throws -> LogPage {
        let head = try head()
        let isEmpty = direction == .forward ? position >= head : position <= 1 || head == 0
        guard !isEmpty else { return LogPage(events: [], scannedThrough: position, head: head) }
        let takesAll = filter == .all
        let rowLimit = takesAll ? limit : max(limit, scanLimit)
        let statement = try statement(direction == .forward ? .logForward : .logBackward)
        defer { statement.reset() }
        statement.bind(position, at: 1)
        statement.bind(Int64(rowLimit), at: 2)
        var events: [StoredEvent] = []
        var scanned = position
        var rows = 0
        while events.count < limit, try statement.step() {
            let row = try EventRow(statement)
            let stream = try name(of: row.stream, at: row.position)
            scanned = row.position
            rows += 1
            if takesAll || filter.matches(aggregate: stream.aggregate, event: row.name) {
                events.append(try row.event(in: stream))
            }
        }
        // Behind the last row there may be positions of events that are gone.
        if events.count < limit, rows < rowLimit { scanned = direction == .forward ? head : 1 }
        return LogPage(events: events, scannedThrough: scanned, head: head)
    }

    /// The events at neighbouring positions, as one command stored them.
    func events(through position: Int64, count: Int64, of stream: StreamID) throws -> [StoredEvent] {
        let statement = try statement(.logForward)
        defer { statement.reset() }
        statement.bind(position &- count, at: 1)
        statement.bind(count, at: 2)
        var events: [StoredEvent] = []
        while try statement.step() { events.append(try EventRow(statement).event(in: stream)) }
        return events
    }

    func name(of key: Int64, at position: Int64) throws -> StreamID {
        if let name = names[key] { return name }
        let name = try first(.streamName, { $0.bind(key, at: 1) }) { row in
            guard let aggregate = row.text(0), let id = row.text(1) else {
                throw EventRow.damaged(position, "its stream's name is damaged")
            }
            return StreamID(aggregate: aggregate, id: id)
        }
        guard let name else { throw EventRow.damaged(position, "its stream is missing") }
        if names.count >= Self.nameLimit { names.removeAll(keepingCapacity: true) }
        names[key] = name
        return name
    }
}
