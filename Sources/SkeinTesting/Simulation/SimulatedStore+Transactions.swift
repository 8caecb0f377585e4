import Skein

extension SimulatedStore: TransactionalEventStore {
    func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        try await arrive(at: "append")
        if faults.occurs(.conflict) { await letOthersPass(append) }
        let isLost = faults.occurs(.lostAnswer)
        if isLost, faults.pick(2) == 0 {
            trace.note(name, "the append to \(append.stream) is lost")
            throw EventStoreError(.outcomeUnknown, "the answer was lost")
        }
        let result = try await base.append(append, running: body)
        trace.note(name, "\(append.stream) expecting \(append.expected), with handlers: \(result.summary)")
        await leave()
        guard !isLost else { throw EventStoreError(.outcomeUnknown, "the answer was lost") }
        return result
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try await movement(of: checkpoint) { store throws(EventStoreError) in
            try await store.move(checkpoint, to: position, changing: notes, ending: other, running: body)
        }
    }

    func transact(
        _ body: @escaping @Sendable (InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) {
        try await call("transact") { store throws(EventStoreError) in try await store.transact(body) }
    }
}
