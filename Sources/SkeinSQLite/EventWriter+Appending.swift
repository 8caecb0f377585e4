import GRDB
import Skein

extension EventWriter {
    /// Stores an append. If `checksFirst` is false, the unique index may be left to find what is known already; a clash
    /// that it finds after other rows were written is thrown as SQLite's error.
    mutating func append(_ planned: PlannedAppend, checksFirst: Bool) throws -> AppendResult {
        let append = planned.append
        if !checksFirst, planned.isPlain, let result = try appendUnchecked(append) { return result }
        let known = try append.commands.compactMap { try connection.outcome(of: $0.id) }
        guard known.isEmpty else { return .known(known) }
        let state = try state(of: append.stream)
        if let state, state.isDeleted { throw EventStoreError(.streamDeleted, "the stream was deleted") }
        try append.expected.check(state?.version ?? 0)
        if let repeated = PlannedAppend.repeatedEvent(in: append) { throw Self.duplicate(repeated) }
        for event in append.events
        where try connection.first(.hasEvent, { $0.bind(event.id, at: 1) }, read: { _ in }) != nil {
            throw Self.duplicate(event.id)
        }
        return .stored(try insert(append, into: state))
    }

    /// Stores an append without looking for its ids; nil if that is not possible, nothing is written then.
    private mutating func appendUnchecked(_ append: StreamAppend) throws -> AppendResult? {
        for command in append.commands {
            if command.fingerprint != 0 {
                guard try connection.outcome(of: command.id) == nil else { return nil }
            } else if hasSeparateOutcomes {
                guard try connection.first(.command, { $0.bind(command.id, at: 1) }, read: { _ in }) == nil else {
                    return nil
                }
            }
        }
        let state = try state(of: append.stream)
        guard state?.isDeleted != true, append.expected.allows(state?.version ?? 0) else { return nil }
        let before = head
        do {
            return .stored(try insert(append, into: state))
        } catch let error as DatabaseError
            where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE && head == before
        {
            return nil
        }
    }

    private static func duplicate(_ id: EventID) -> EventStoreError {
        EventStoreError(.duplicateEvent(id), "the event id \(id) is stored already")
    }

    private mutating func insert(_ append: StreamAppend, into state: StreamState?) throws -> AppendReceipt {
        let recordedAt = append.recordedAt ?? now
        let count = Int64(append.eventCount)
        // A new stream's key is the position of its first event.
        var stream = state ?? StreamState(key: head &+ 1, version: 0, isDeleted: false)
        guard !head.addingReportingOverflow(count).overflow, !stream.version.addingReportingOverflow(count).overflow
        else { throw EventStoreError(.full, "there is no position or version behind the last one") }
        for command in append.commands {
            for event in command.events {
                stream.version += 1
                try insert(event, of: command, into: stream, at: recordedAt)
                head += 1
            }
            try insertOutcome(of: command, in: append.stream, version: stream.version, at: recordedAt)
        }
        if count > 0 {
            if state == nil {
                try connection.run(.insertStream) { statement in
                    statement.bind(stream.key, at: 1)
                    statement.bind(append.stream.aggregate, at: 2)
                    statement.bind(append.stream.id, at: 3)
                }
            }
            streams.keep(stream, of: append.stream)
        }
        return AppendReceipt(version: stream.version, position: head, recordedAt: recordedAt)
    }

    private func insert(
        _ event: NewEvent,
        of command: CommandAppend,
        into stream: StreamState,
        at recordedAt: Timestamp
    ) throws {
        let statement = try connection.statement(.insertEvent)
        statement.bind(head + 1, at: 1)
        statement.bind(stream.key, at: 2)
        statement.bind(stream.version, at: 3)
        statement.bind(event.name, at: 4)
        statement.bind(Int64(event.schemaVersion), at: 5)
        statement.bind(recordedAt.microseconds, at: 6)
        statement.bind(Int64(bitPattern: command.fingerprint), at: 7)
        statement.bind(event.id, at: 8)
        statement.bind(command.id, at: 9)
        statement.bind(event.metadata.correlationID, at: 10)
        statement.bind(event.metadata.causationID, at: 11)
        if let entries = MetadataText.encode(event.metadata.entries) {
            statement.bind(entries, at: 12)
        } else {
            statement.bindNull(at: 12)
        }
        statement.bind(event.payload, at: 13)
        try statement.run()
    }

    private mutating func insertOutcome(
        of command: CommandAppend,
        in stream: StreamID,
        version: Int64,
        at recordedAt: Timestamp
    ) throws {
        let count: Int64
        let rejection: [UInt8]?
        switch command.outcome {
        case .events(let events):
            guard !command.hasDerivedIdentity, !events.isEmpty else { return }
            (count, rejection) = (Int64(events.count), nil)
        case .rejection(let bytes):
            guard command.fingerprint != 0 else { return }
            (count, rejection) = (0, bytes)
        case .nothing:
            guard command.fingerprint != 0 else { return }
            (count, rejection) = (0, nil)
        }
        hasSeparateOutcomes = true
        try connection.run(.insertCommand) { statement in
            statement.bind(command.id, at: 1)
            statement.bind(stream.aggregate, at: 2)
            statement.bind(stream.id, at: 3)
            statement.bind(Int64(bitPattern: command.fingerprint), at: 4)
            statement.bind(version, at: 5)
            statement.bind(head, at: 6)
            statement.bind(recordedAt.microseconds, at: 7)
            statement.bind(count, at: 8)
            if let rejection { statement.bind(rejection, at: 9) } else { statement.bindNull(at: 9) }
        }
    }
}
