import Synchronization

/// Gives events to a projection, each delivery in the transaction that moves the checkpoint.
final class ProjectionTarget<P: Projection>: DeliveryTarget {
    private struct Route: Sendable {
        let events: Set<String>
        let prepare: @Sendable (ArraySlice<StoredEvent>) throws -> Project<P.Transaction>.Write
    }

    let filter: EventFilter
    let movesCheckpoint = true
    private let projection: P
    private let store: any TransactionalEventStore<P.Transaction>
    /// Nil for the tables that readers see; else those are filled that take the place of the tables of this number.
    private let replacing: Int?
    private let routes: [String: Route]
    /// The number of the tables that are written.
    private let generation = Mutex(0)

    private let span: HandlingSpan

    /// - Parameter replacing: The number of the tables that are to be replaced; nil to write to those that readers see.
    init(
        _ projection: P,
        _ store: any TransactionalEventStore<P.Transaction>,
        _ runtime: BusRuntime,
        replacing: Int?
    ) {
        self.projection = projection
        self.store = store
        self.replacing = replacing
        span = HandlingSpan(of: projection.name, runtime)
        let coder = runtime.configuration.coder
        let handlers = projection.handlers
        routes = Dictionary(
            handlers.map { ($0.aggregateName, Route(events: $0.eventNames, prepare: $0.bind(coder))) },
            uniquingKeysWith: { first, _ in first }
        )
        let takesNamed = handlers.allSatisfy { !$0.eventNames.isEmpty }
        filter = EventFilter(
            aggregates: Set(handlers.map(\.aggregateName)),
            events: takesNamed ? handlers.reduce(into: []) { $0.formUnion($1.eventNames) } : []
        )
    }

    func takes(_ event: StoredEvent) -> Bool {
        guard let route = routes[event.stream.aggregate] else { return false }
        guard !route.events.isEmpty else { return true }
        guard let index = route.events.firstIndex(of: event.name) else { return false }
        return route.events[index].hasSameBytes(as: event.name)
    }

    func begin(_ partition: SubscriptionPartition, after position: Int64) async throws(DeliveryFailure) {
        do throws(EventStoreError) {
            let kept = try await Generations.kept(of: projection.name, in: store)
            let number =
                if let replacing {
                    try await beginRebuilding(kept, replacing, partition.key, position)
                } else {
                    try await beginLive(kept, partition.key)
                }
            if let number { return generation.withLock { $0 = number } }
            throw EventStoreError(.transient, "the tables of \(projection.name) are not what was expected")
        } catch {
            if case .handlerFailed = error.code, let cause = error.cause { throw .handler(cause, handled: 0) }
            throw .store(error)
        }
    }

    func deliver(_ delivery: EventDelivery) async throws(DeliveryFailure) -> Checkpoint? {
        guard let checkpoint = delivery.checkpoint else { return nil }
        let writes = try prepare(delivery.events)
        let number = generation.withLock { $0 }
        let isRebuilding = replacing != nil
        do throws(EventStoreError) {
            return try await span.around(delivery.events, delivery.attempt) { () throws(EventStoreError) in
                try await store.move(checkpoint, to: delivery.position, changing: delivery.notes) { transaction in
                    let context = ProjectionContext(transaction, generation: number, isRebuilding: isRebuilding)
                    for write in writes { try write(context) }
                }
            }
        } catch {
            if case .handlerFailed = error.code, let cause = error.cause { throw .handler(cause, handled: 0) }
            throw .store(error)
        }
    }

    /// Decodes events before there is a transaction that would have to wait for it.
    private func prepare(
        _ events: ArraySlice<StoredEvent>
    ) throws(DeliveryFailure) -> [Project<P.Transaction>.Write] {
        var writes: [Project<P.Transaction>.Write] = []
        var rest = events
        while let first = rest.first {
            let run = rest.prefix { $0.stream.aggregate.hasSameBytes(as: first.stream.aggregate) }
            do {
                if let route = routes[first.stream.aggregate] { writes.append(try route.prepare(run)) }
            } catch let error as EventCodingError {
                throw .undecodable(error, handled: 0)
            } catch {
                throw .handler(error, handled: 0)
            }
            rest.removeFirst(run.count)
        }
        return writes
    }

    // MARK: Tables

    /// The number of the tables that readers see; they are made if there are none. Nil to look again.
    private func beginLive(_ kept: Generations?, _ key: String) async throws(EventStoreError) -> Int? {
        if let kept {
            guard kept.live.version == projection.version else {
                throw EventStoreError(
                    handler: ProjectionSuperseded(live: kept.live.version, declared: projection.version)
                )
            }
            return kept.live.number
        }
        guard let checkpoint = try await store.checkpoint(of: key) else { return nil }
        let made = Generations(live: Generations.Generation(number: 1, of: projection))
        let projection = projection
        _ = try await store.move(checkpoint, to: checkpoint.position, changing: [made.change]) { transaction in
            let context = ProjectionContext(transaction, generation: 1, isRebuilding: false)
            try projection.showAnew(context)
        }
        return 1
    }

    /// The number of the tables that are being filled; they are made if nothing is in them yet. Nil to look again.
    private func beginRebuilding(
        _ kept: Generations?,
        _ replaced: Int,
        _ key: String,
        _ position: Int64
    ) async throws(EventStoreError) -> Int? {
        if let kept, kept.live.number != replaced { throw EventStoreError(handler: RebuiltByOthers()) }
        guard var kept, let checkpoint = try await store.checkpoint(of: key) else { return nil }
        let building = kept.building ?? Generations.Generation(number: kept.live.number + 1, of: projection)
        guard building.version == projection.version else { throw EventStoreError(handler: RebuiltByOthers()) }
        // Somebody else's half-filled tables must not be filled from the beginning once more.
        guard position == 0 else { return kept.building == nil ? nil : building.number }
        let projection = projection
        _ = try await store.move(checkpoint, to: 0, changing: []) { transaction in
            try projection.makeTablesAnew(
                ProjectionContext(transaction, generation: building.number, isRebuilding: true)
            )
        }
        kept.building = building
        try await store.change([kept.change], of: projection.name)
        return building.number
    }
}

extension Projection {
    /// Makes empty tables and lets readers see them, whatever was there of the same names.
    func showAnew(_ context: ProjectionContext<Transaction>) throws {
        // A database may refuse to drop what readers look at.
        for table in tables { try context.transaction.hide(table) }
        try makeTablesAnew(context)
        for table in tables { try context.transaction.show(table: context.table(table), as: table) }
    }

    /// Makes empty tables, whatever was there of the same names.
    func makeTablesAnew(_ context: ProjectionContext<Transaction>) throws {
        for table in tables { try context.transaction.drop(table: context.table(table)) }
        try makeTables(context)
    }
}

extension Generations.Generation {
    fileprivate init(number: Int, of projection: some Projection) {
        self.init(number: number, version: projection.version, tables: projection.tables)
    }
}
