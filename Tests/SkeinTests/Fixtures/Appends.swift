import Skein

/// Short words for what tests append.
extension StreamAppend {
    /// An append of one command whose events have the given payloads and ids made from the command's.
    static func of(
        _ payloads: String...,
        to stream: StreamID,
        command: CommandID = .fresh(),
        fingerprint: UInt64 = 0,
        name: String = "noted",
        schemaVersion: Int = 1
    ) -> StreamAppend {
        StreamAppend(
            stream: stream,
            commands: [
                .of(payloads, id: command, fingerprint: fingerprint, name: name, schemaVersion: schemaVersion)
            ]
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

extension UniqueID {
    /// An id that no test has seen.
    static func fresh() -> UniqueID {
        UniqueID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max))
    }
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

    /// All events of the log, from the first.
    func log(_ filter: EventFilter = .all) async throws(EventStoreError) -> [StoredEvent] {
        try await readLog(from: 0, direction: .forward, filter: filter, limit: limits.pageSize).events
    }
}

struct NotStored: Error {}
