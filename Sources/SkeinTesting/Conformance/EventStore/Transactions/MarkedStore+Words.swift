import Skein
import Testing

extension MarkedStore {
    /// Appends what must be new to the store.
    @discardableResult
    func keep(
        _ append: StreamAppend,
        at location: SourceLocation = #_sourceLocation,
        running body: @escaping @Sendable ([StoredEvent], Marks) throws -> Void
    ) async throws -> AppendReceipt {
        switch try await self.append(append, running: body) {
        case .stored(let receipt): return receipt
        case .known(let known):
            throw ConformanceFailure(
                "expected the append to be stored, found \(known.count) known commands",
                at: location
            )
        }
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange] = [],
        running body: @escaping @Sendable (Marks) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try await move(checkpoint, to: position, changing: notes, ending: nil, running: body)
    }
}

extension EventStoreStage {
    /// A store of the stage with its transactions, ready to be marked.
    func marked(_ store: any EventStore) async throws -> any MarkedStore {
        guard let probe else {
            throw ConformanceFailure("the subject has no probe for transactions", at: #_sourceLocation)
        }
        let marked = try probe.probed(store)
        try await marked.prepare()
        return marked
    }
}
