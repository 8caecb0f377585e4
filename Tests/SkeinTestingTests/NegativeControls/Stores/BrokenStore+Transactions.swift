import Skein
import Synchronization

extension BrokenStore: TransactionalEventStoreDecorator {
    func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        try await enter()
        if defect == .failedBodiesFailTheNext, state.withLock({ $0.takeFailure() }) {
            throw EventStoreError(.handlerFailed, "the one before has failed")
        }
        let store = try transactionalBase
        do throws(EventStoreError) {
            switch defect {
            case .failedBodiesKeepTheEvents:
                let given = Mutex<[StoredEvent]>([])
                let result = try await store.append(append) { events, _ in given.withLock { $0 = events } }
                guard case .stored = result else { return result }
                let events = given.withLock(\.self)
                try await store.transact { try body(events, $0) }
                return result
            case .givesBodiesOtherPlaces:
                return try await store.append(append) { events, transaction in
                    try body(events.map { $0.moved(by: -1) }, transaction)
                }
            default:
                let result = try await store.append(append, running: body)
                guard defect == .runsBodiesOfKnownCommands, case .known = result else { return result }
                try await store.transact { try body([], $0) }
                return result
            }
        } catch {
            if case .handlerFailed = error.code {
                state.withLock { $0.hasFailed = true }
                if defect == .failedBodiesKeepTheirMarks { try await store.transact { try? body([], $0) } }
            }
            throw error
        }
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try await enter()
        let store = try transactionalBase
        switch defect {
        case .failedBodiesKeepTheMove:
            let moved = try await store.move(checkpoint, to: position, changing: notes)
            try await store.transact(body)
            return moved
        case .runsBodiesOfFencedMoves:
            do throws(EventStoreError) {
                return try await store.move(checkpoint, to: position, changing: notes, ending: other, running: body)
            } catch {
                if case .checkpointFenced = error.code { try await store.transact(body) }
                throw error
            }
        default: return try await store.move(checkpoint, to: position, changing: notes, ending: other, running: body)
        }
    }
}

extension BrokenStore.State {
    fileprivate mutating func takeFailure() -> Bool {
        defer { hasFailed = false }
        return hasFailed
    }
}

extension StoredEvent {
    fileprivate func moved(by count: Int64) -> StoredEvent {
        StoredEvent(
            position: position + count,
            stream: stream,
            version: version,
            id: id,
            name: name,
            schemaVersion: schemaVersion,
            payload: payload,
            metadata: metadata,
            commandID: commandID,
            commandFingerprint: commandFingerprint,
            recordedAt: recordedAt
        )
    }
}
