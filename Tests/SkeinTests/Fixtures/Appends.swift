import Skein

/// Short words for what tests append.
extension StreamAppend {
    /// An append of one command whose events have the given payloads and ids made from the command's.
    static func of(
        _ payloads: String...,
        to stream: StreamID = .ada,
        expecting expected: ExpectedVersion = .any,
        command: CommandID = .fresh(),
        fingerprint: UInt64 = 0,
        name: String = "noted",
        schemaVersion: Int = 1
    ) -> StreamAppend {
        StreamAppend(
            stream: stream,
            expecting: expected,
            commands: [
                .of(payloads, id: command, fingerprint: fingerprint, name: name, schemaVersion: schemaVersion)
            ]
        )
    }

    /// An append of one command that stores no event.
    static func outcome(
        _ outcome: CommandAppend.Outcome,
        to stream: StreamID = .ada,
        expecting expected: ExpectedVersion = .any,
        command: CommandID = .fresh(),
        fingerprint: UInt64 = 0
    ) -> StreamAppend {
        StreamAppend(
            stream: stream,
            expecting: expected,
            commands: [CommandAppend(id: command, fingerprint: fingerprint, outcome: outcome)]
        )
    }
}

extension CommandAppend {
    static func of(
        _ payloads: [String],
        id: CommandID = .fresh(),
        fingerprint: UInt64 = 0,
        name: String = "noted",
        schemaVersion: Int = 1
    ) -> CommandAppend {
        let events = payloads.enumerated().map { ordinal, payload in
            NewEvent(
                id: EventID(command: id, ordinal: ordinal),
                name: name,
                schemaVersion: schemaVersion,
                payload: Array(payload.utf8)
            )
        }
        return CommandAppend(id: id, fingerprint: fingerprint, outcome: .events(events))
    }
}

extension NewEvent {
    static func noted(_ payload: String, id: EventID = .fresh()) -> NewEvent {
        NewEvent(id: id, name: "noted", payload: Array(payload.utf8))
    }
}

extension UniqueID {
    /// An id that no test has seen.
    static func fresh() -> UniqueID {
        UniqueID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max))
    }
}

extension StreamID {
    static let ada = StreamID(aggregate: "Note", id: "ada")
    static let bob = StreamID(aggregate: "Note", id: "bob")
}

extension StoredEvent {
    var text: String { String(decoding: payload, as: UTF8.self) }
}

extension EventStore {
    /// Appends and returns the receipt; anything but `stored` throws.
    @discardableResult
    func store(_ append: StreamAppend) async throws -> AppendReceipt {
        guard case .stored(let receipt) = try await self.append(append) else { throw NotStored() }
        return receipt
    }

    /// Appends and returns what is known; anything but `known` throws.
    func known(_ append: StreamAppend) async throws -> [KnownCommand] {
        guard case .known(let known) = try await self.append(append) else { throw NotStored() }
        return known
    }

    /// All events of the log, from the first.
    func log(_ filter: EventFilter = .all) async throws(EventStoreError) -> [StoredEvent] {
        try await readLog(from: 0, direction: .forward, filter: filter, limit: limits.pageSize).events
    }
}

struct NotStored: Error {}

/// The code of the error that a store call throws; nil if it throws none.
func code<Value>(
    _ call: () async throws(EventStoreError) -> Value
) async -> EventStoreError.Code? {
    do throws(EventStoreError) {
        _ = try await call()
        return nil
    } catch {
        return error.code
    }
}

extension EventStoreError.Code {
    /// What was refused, if input was.
    var refusedField: String? {
        if case .invalidInput(let input) = self { input.field } else { nil }
    }
}
