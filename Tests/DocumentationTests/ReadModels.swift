import Skein
import SkeinSQLite
import SkeinTesting
import Synchronization
import Testing

@Suite struct ReadModelsGuideTests {
    @Test func `the guide's handlers, projection and waits do what it says`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        do {
            let store = try await SQLiteEventStore(path: folder.path + "/guide.sqlite")
            try await store.transact { transaction in
                try transaction.execute("CREATE TABLE owners (name TEXT UNIQUE)")
            }
            let mail = Mail()
            let unique = TransactionalHandler(BankAccount.self, SQLiteTransaction.self) { event, transaction in
                guard case .opened(let owner) = event.event else { return }
                try transaction.execute("INSERT INTO owners (name) VALUES (?1)", .text(owner))
            }
            let bus = CommandBus(store: store, transactionalHandlers: [unique]) {
                Subscription("welcome", Welcome(mail))
                Subscription(BalanceTable())
            }
            let ada = BankAccount.ID("ada")
            try await bus.whileRunning {
                let receipt = try await bus.send(.open(owner: "Ada"), to: ada)
                try await bus.send(.deposit(amount: 5), to: ada, awaiting: ["balances"])
                try await bus.wait(for: "balances", toReach: receipt.position, within: .seconds(2))
                try await bus.wait(for: "welcome", toReach: receipt.position, within: .seconds(30))
                try await bus.rebuild("balances") { progress in
                    let left = progress.timeLeft.map { "\($0) left" } ?? ""
                    print("\(Int(progress.fraction * 100)) %, \(Int(progress.rate)) events a second \(left)")
                }
                await #expect(throws: CommandError<BankAccount.Rejection>.self) {
                    try await bus.send(.open(owner: "Ada"), to: BankAccount.ID("another"))
                }
            }
            let balance = try await store.read { reader in
                try reader.first("SELECT balance FROM balances WHERE account = 'ada'")?.integer("balance")
            }
            #expect(balance == 5)
            #expect(mail.sent.withLock { $0 } == ["Welcome, Ada"])
            await store.close()
        }
    }

    @Test func `the guide's streams and subscription are as it says`() async throws {
        let bus = CommandBus(store: InMemoryEventStore())
        let ada = BankAccount.ID("ada")
        try await bus.send(.open(owner: "Ada"), to: ada)
        let looking = Task {
            for try await account in bus.states(of: ada) { print(account.version, account.state.balance) }
            for try await event in bus.events(of: BankAccount.self, from: .beginning) { print(event.position) }
        }
        looking.cancel()
        _ = try? await looking.value
        let (warehouse, crm) = (Warehouse(), Warehouse())
        let orders =
            Subscription("orders", from: .now, partitions: 4, failure: FailurePolicy(retry: .standard, then: .park)) {
                On(Order.self, events: "placed") { event in try await warehouse.reserve(event) }
                On(Customer.self) { event in try await crm.update(event) }
            }
        #expect(orders.partitions == 4)
    }
}

final class Mail: Sendable {
    let sent = Mutex<[String]>([])

    func send(_ text: String, id: String) async throws {
        sent.withLock { $0.append(text) }
    }
}

actor Warehouse {
    func reserve(_ event: RecordedEvent<Order>) async throws {}
    func update(_ event: RecordedEvent<Customer>) async throws {}
}

struct Order: Aggregate {
    enum Command { case place }
    enum Event: DomainEvent { case placed }
    func decide(_ command: Command) throws(Never) -> [Event] { [.placed] }
    mutating func apply(_ event: Event) {}
}

struct Customer: Aggregate {
    enum Command { case register }
    enum Event: DomainEvent { case registered }
    func decide(_ command: Command) throws(Never) -> [Event] { [.registered] }
    mutating func apply(_ event: Event) {}
}

actor Welcome: EventHandler {
    let mail: Mail

    init(_ mail: Mail) { self.mail = mail }

    func handle(_ event: RecordedEvent<BankAccount>) async throws {
        if case .opened(let owner) = event.event { try await mail.send("Welcome, \(owner)", id: event.id.description) }
    }
}

struct BalanceTable: Projection {
    let name = "balances"
    let version = 1
    let tables = ["balances"]

    func makeTables(_ context: ProjectionContext<SQLiteTransaction>) throws {
        let table = context.table("balances")
        try context.transaction.execute("CREATE TABLE \(table) (account TEXT PRIMARY KEY, balance INTEGER) STRICT")
    }

    var handlers: [Project<SQLiteTransaction>] {
        [
            Project(BankAccount.self) { event, context in
                guard case .deposited(let amount) = event.event else { return }
                try context.transaction.execute(
                    """
                    INSERT INTO \(context.table("balances")) VALUES (?1, ?2)
                    ON CONFLICT (account) DO UPDATE SET balance = balance + ?2
                    """,
                    .text(event.aggregateID.value),
                    .integer(Int64(amount))
                )
            }
        ]
    }
}
