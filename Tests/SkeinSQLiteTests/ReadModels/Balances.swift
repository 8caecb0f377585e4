import Skein
import SkeinSQLite
import Synchronization

struct BankAccount: Aggregate {
    enum Command: Codable, Equatable { case open(owner: String), deposit(amount: Int) }
    enum Event: DomainEvent, Equatable { case opened(owner: String), deposited(amount: Int) }
    enum Rejection: DomainRejection, Equatable { case alreadyOpen, notOpen }

    var isOpen = false

    func decide(_ command: Command) throws(Rejection) -> [Event] {
        switch command {
        case .open(let owner):
            guard !isOpen else { throw .alreadyOpen }
            return [.opened(owner: owner)]
        case .deposit(let amount):
            guard isOpen else { throw .notOpen }
            return [.deposited(amount: amount)]
        }
    }

    mutating func apply(_ event: Event) { isOpen = true }
}

/// What each account holds, in a table that refuses 1,000 and more.
struct Balances: AggregateProjection {
    let name = "balances"
    var version = 1
    let tables = ["balances"]
    var factor = 1
    /// An amount that it cannot stand.
    var refusing: Int?
    private let handled = Counter()

    init(version: Int = 1, factor: Int = 1, refusing: Int? = nil) {
        self.version = version
        self.factor = factor
        self.refusing = refusing
    }

    /// How many events it was given, whatever came of them.
    var count: Int { handled.value }

    func makeTables(_ context: ProjectionContext<SQLiteTransaction>) throws {
        try context.transaction.execute(
            """
            CREATE TABLE \(context.table("balances")) (
                account TEXT PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance < 1000)
            ) STRICT
            """
        )
    }

    var handlers: [Project<SQLiteTransaction>] {
        [
            Project(BankAccount.self) { event, context in
                handled.increment()
                try context.transaction.execute(
                    """
                    INSERT INTO \(context.table("balances")) VALUES (?1, ?2)
                    ON CONFLICT (account) DO UPDATE SET balance = balance + ?2
                    """,
                    .text(event.aggregateID.value),
                    SQLiteValue(amount(of: event.event))
                )
            }
        ]
    }

    func removeRows(of stream: StreamID, _ context: ProjectionContext<SQLiteTransaction>) throws {
        try context.transaction.execute(
            "DELETE FROM \(context.table("balances")) WHERE account = ?1",
            .text(stream.id)
        )
    }

    private func amount(of event: BankAccount.Event) -> Int {
        switch event {
        case .opened: 0
        case .deposited(let amount): amount == refusing ? 1_000_000 : amount * factor
        }
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func increment() { count.add(1, ordering: .relaxed) }
    }
}

extension SQLiteEventStore {
    /// What the projection's readers see, by its plain name.
    func balances() async throws -> [String: Int] {
        try await read { (reader: SQLiteReader) throws -> [String: Int] in
            var balances: [String: Int] = [:]
            for row in try reader.query("SELECT account, balance FROM balances") {
                guard let account = try row.text(0), let balance = try row.integer(1) else { continue }
                balances[account] = Int(balance)
            }
            return balances
        }
    }
}

extension CommandBus {
    func open(_ ids: String...) async throws {
        for id in ids { try await send(.open(owner: id), to: BankAccount.ID(id)) }
    }

    func deposit(_ amount: Int, to id: String) async throws {
        try await send(.deposit(amount: amount), to: BankAccount.ID(id))
    }
}
