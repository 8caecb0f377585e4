public import Skein

/// Tells ``ReadModelConformance`` how to get at a kind of store whose transactions keep read models.
public struct ReadModelSubject<Store: TransactionalEventStore>: ConformanceSubject
where Store.Transaction: ReadModelTransaction {
    public let name: String
    public let capabilities: Set<EventStoreCapability>

    private let table: BalanceTable<Store>
    private let makePlace: @Sendable () async throws -> ReadModelPlace<Store>

    /// Creates a subject whose every case has a place of its own.
    ///
    /// - Parameters:
    ///   - name: The name in test results.
    ///   - capabilities: Only ``EventStoreCapability/severalHandles`` is looked at: without it, all buses share one store.
    ///   - table: How the cases' table is kept.
    ///   - place: Makes a new place with nothing in it.
    public init(
        _ name: String,
        capabilities: Set<EventStoreCapability> = [],
        table: BalanceTable<Store>,
        place: @escaping @Sendable () async throws -> ReadModelPlace<Store>
    ) {
        self.name = name
        self.capabilities = capabilities
        self.table = table
        makePlace = place
    }

    public func withStage(_ body: @Sendable (ReadModelStage<Store>) async throws -> Void) async throws {
        let place = try await makePlace()
        let store = try await place.open()
        let other = capabilities.contains(.severalHandles) ? try await place.open() : store
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(ReadModelStage(store: store, other: other, table: table)))
        } catch {
            result = .failure(error)
        }
        await store.close()
        await other.close()
        await place.remove()
        try result.get()
    }
}

/// Where the events and tables of one case are: opened once, or several times at once.
public struct ReadModelPlace<Store: TransactionalEventStore>: Sendable {
    let open: @Sendable () async throws -> Store
    let remove: @Sendable () async -> Void

    /// Creates a place.
    ///
    /// - Parameters:
    ///   - remove: Removes all that is there, after every store is closed.
    ///   - open: Opens a store.
    public init(
        remove: @escaping @Sendable () async -> Void = {},
        open: @escaping @Sendable () async throws -> Store
    ) {
        self.remove = remove
        self.open = open
    }
}
