public import Skein

/// What a case of ``ReadModelConformance`` plays on: a store, and another one on the same place if there can be one.
public struct ReadModelStage<Store: TransactionalEventStore>: Sendable where Store.Transaction: ReadModelTransaction {
    let store: Store
    let other: Store
    let table: BalanceTable<Store>

    func balances(version: Int = 1, factor: Int = 1, refusing: Int? = nil) -> Balances<Store> {
        Balances(table, version: version, factor: factor, refusing: refusing)
    }

    func bus(_ projection: Balances<Store>, failure: FailurePolicy = .standard) -> CommandBus {
        bus(projection, on: store, failure: failure)
    }

    func bus(_ projection: Balances<Store>, on store: Store, failure: FailurePolicy = .standard) -> CommandBus {
        CommandBus(store: store) { Subscription(projection, batches: BatchSize(3), failure: failure) }
    }

    func reach(_ position: Int64, _ bus: CommandBus) async throws {
        try await bus.wait(for: "balances", toReach: position, within: .seconds(60))
    }

    /// What readers see.
    func seen() async throws -> [String: Int] { try await table.read(in: store) }

    /// The names of the tables that there are.
    func tables() async throws -> [String] { try await table.names(store, "balances__") }
}
