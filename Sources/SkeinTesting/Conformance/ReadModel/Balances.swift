package import Skein
import Synchronization

/// What each account holds, in a table that refuses 1,000 and more.
package struct Balances<Store: TransactionalEventStore>: AggregateProjection
where Store.Transaction: ReadModelTransaction {
    package typealias Transaction = Store.Transaction

    package let name = "balances"
    package let version: Int
    package let tables = ["balances"]
    private let table: BalanceTable<Store>
    private let factor: Int
    /// An amount that it cannot stand.
    private let refusing: Int?
    private let handled = Counter()

    package init(_ table: BalanceTable<Store>, version: Int = 1, factor: Int = 1, refusing: Int? = nil) {
        self.table = table
        self.version = version
        self.factor = factor
        self.refusing = refusing
    }

    /// How many events it was given, whatever came of them.
    package var count: Int { handled.value }

    package func makeTables(_ context: ProjectionContext<Transaction>) throws {
        try table.make(context.table("balances"), context.transaction)
    }

    package var handlers: [Project<Transaction>] {
        [
            Project(SavingsAccount.self) { event, context in
                handled.increment()
                let amount = amount(of: event.event)
                try table.add(amount, event.aggregateID.value, context.table("balances"), context.transaction)
            }
        ]
    }

    package func removeRows(of stream: StreamID, _ context: ProjectionContext<Transaction>) throws {
        try table.remove(stream.id, context.table("balances"), context.transaction)
    }

    private func amount(of event: SavingsAccount.Event) -> Int {
        switch event {
        case .opened: 0
        case .deposited(let amount): amount == refusing ? 1_000_000 : amount * factor
        }
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.add(1, ordering: .relaxed) }
}
