/// A projection without its type.
protocol DeclaredProjection: Sendable {
    var name: String { get }
    var version: Int { get }
    var tables: [String] { get }

    /// Throws ``InvalidInput`` for a projection that breaks a rule or that the store has no transactions for.
    func validate(for store: any EventStore) throws(InvalidInput)

    /// What events go to; see ``ProjectionTarget``. Nil if the store has no transactions for the projection.
    func target(_ runtime: BusRuntime, replacing number: Int?) -> (any DeliveryTarget)?

    /// Lets readers see other tables, and drops those that they have seen, while a checkpoint moves and another one ends.
    func show(
        _ generations: Generations,
        inPlaceOf old: Generations.Generation,
        moving checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint,
        in store: any EventStore
    ) async throws(EventStoreError)

    /// Drops tables that no reader sees.
    func drop(_ generation: Generations.Generation, in store: any EventStore) async throws(EventStoreError)

    /// Empties the tables of a number while the checkpoint goes back to the beginning.
    func empty(
        _ number: Int,
        moving checkpoint: Checkpoint,
        changing notes: [NoteChange],
        in store: any EventStore
    ) async throws(EventStoreError)

    /// Handles an aggregate's events once more, up to the checkpoint, after what they have led to was removed. False if the
    /// projection does not know how.
    func rewrite(
        _ stream: StreamID,
        _ events: [StoredEvent],
        in number: Int,
        at checkpoint: Checkpoint,
        _ runtime: BusRuntime
    ) async throws(EventStoreError) -> Bool
}

/// A projection as a subscription declares it.
struct TypedProjection<P: Projection>: DeclaredProjection {
    let projection: P

    var name: String { projection.name }
    var version: Int { projection.version }
    var tables: [String] { projection.tables }

    func validate(for store: any EventStore) throws(InvalidInput) {
        try projection.validate()
        guard store is any TransactionalEventStore<P.Transaction> else {
            throw InvalidInput(field: "projection \(name)", reason: "the store does not lend a \(P.Transaction.self)")
        }
    }

    func target(_ runtime: BusRuntime, replacing number: Int?) -> (any DeliveryTarget)? {
        guard let store = runtime.store as? any TransactionalEventStore<P.Transaction> else { return nil }
        return ProjectionTarget(projection, store, runtime, replacing: number)
    }

    func show(
        _ generations: Generations,
        inPlaceOf old: Generations.Generation,
        moving checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint,
        in store: any EventStore
    ) async throws(EventStoreError) {
        let projection = projection
        let store = try transactional(store)
        _ = try await store.move(checkpoint, to: position, changing: notes, ending: other) { transaction in
            let live = ProjectionContext(transaction, generation: generations.live.number, isRebuilding: false)
            for table in projection.tables { try transaction.show(table: live.table(table), as: table) }
            for table in old.tables where !projection.tables.contains(table) { try transaction.hide(table) }
            try old.drop(transaction)
        }
    }

    func drop(_ generation: Generations.Generation, in store: any EventStore) async throws(EventStoreError) {
        try await transactional(store).transact { try generation.drop($0) }
    }

    func empty(
        _ number: Int,
        moving checkpoint: Checkpoint,
        changing notes: [NoteChange],
        in store: any EventStore
    ) async throws(EventStoreError) {
        let projection = projection
        let store = try transactional(store)
        _ = try await store.move(checkpoint, to: 0, changing: notes) { transaction in
            let context = ProjectionContext(transaction, generation: number, isRebuilding: false)
            try projection.showAnew(context)
        }
    }

    func rewrite(
        _ stream: StreamID,
        _ events: [StoredEvent],
        in number: Int,
        at checkpoint: Checkpoint,
        _ runtime: BusRuntime
    ) async throws(EventStoreError) -> Bool {
        guard let projection = projection as? any AggregateProjection<P.Transaction> else { return false }
        let handlers = projection.handlers.filter { $0.aggregateName.hasSameBytes(as: stream.aggregate) }
        var writes: [Project<P.Transaction>.Write] = []
        for handler in handlers {
            let wanted = events.filter { handler.eventNames.isEmpty || handler.eventNames.contains($0.name) }
            guard !wanted.isEmpty else { continue }
            do {
                writes.append(try handler.bind(runtime.configuration.coder)(wanted[...]))
            } catch {
                throw EventStoreError(handler: error)
            }
        }
        let prepared = writes
        let store = try transactional(runtime.store)
        _ = try await store.move(checkpoint, to: checkpoint.position, changing: []) { transaction in
            let context = ProjectionContext(transaction, generation: number, isRebuilding: true)
            try projection.removeRows(of: stream, context)
            for write in prepared { try write(context) }
        }
        return true
    }

    private func transactional(
        _ store: any EventStore
    ) throws(EventStoreError) -> any TransactionalEventStore<P.Transaction> {
        guard let store = store as? any TransactionalEventStore<P.Transaction> else {
            throw EventStoreError(.unsuitable, "the store does not lend a \(P.Transaction.self)")
        }
        return store
    }
}

extension Generations.Generation {
    fileprivate func drop<Transaction: ReadModelTransaction>(_ transaction: Transaction) throws {
        let context = ProjectionContext(transaction, generation: number, isRebuilding: true)
        for table in tables { try transaction.drop(table: context.table(table)) }
    }
}
