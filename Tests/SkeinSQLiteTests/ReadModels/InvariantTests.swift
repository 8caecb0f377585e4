import GRDB
import Skein
import SkeinSQLite
import SkeinTesting
import Testing

/// What holds over several aggregates because a handler inside the append's transaction sees to it.
@Suite(.timeLimit(.minutes(2)))
struct InvariantTests {
    private enum Answer: Hashable {
        case stored
        case refused(SQLiteQueryError.Code?)
        case other(String)
    }

    private static let unique = TransactionalHandler(BankAccount.self, SQLiteTransaction.self) { event, transaction in
        guard case .opened(let owner) = event.event else { return }
        try transaction.execute(
            "INSERT INTO owners VALUES (?1, ?2, ?3)",
            .text(owner),
            .text(event.aggregateID.value),
            .integer(event.position)
        )
    }

    // Behaviour case 15.
    @Test func `of sixteen accounts that race for one owner exactly one is opened, from two buses`() async throws {
        let database = try TestDatabase()
        let store = try await database.open()
        try await store.transact { transaction in
            try transaction.execute("CREATE TABLE owners (owner TEXT UNIQUE, account TEXT, position INTEGER) STRICT")
        }
        let buses = (1...2).map { _ in CommandBus(store: store, transactionalHandlers: [Self.unique]) }
        for round in 1...5 {
            let answers = await withTaskGroup(of: Answer.self) { group in
                for number in 1...16 {
                    let id = BankAccount.ID("\(round)-\(number)")
                    group.addTask { await Self.open(id, owner: "owner-\(round)", on: buses[number % 2]) }
                }
                var answers: [Answer: Int] = [:]
                for await answer in group { answers[answer, default: 0] += 1 }
                return answers
            }
            #expect(answers == [.stored: 1, .refused(.constraint): 15])
        }
        let (owners, opened) = try database.withDatabase { database in
            (
                try String.fetchAll(database, sql: "SELECT owner || ' ' || account || ' ' || position FROM owners"),
                try String.fetchAll(
                    database,
                    sql: """
                        SELECT json_extract(payload, '$.owner') || ' ' || aggregate_id || ' ' || position
                        FROM skein_log
                        """
                )
            )
        }
        #expect(owners.sorted() == opened.sorted())
        #expect(opened.count == 5)
        // Who was refused may come again with what is right.
        let late = BankAccount.ID("late")
        #expect(await Self.open(late, owner: "owner-1", on: buses[0]) == .refused(.constraint))
        #expect(await Self.open(late, owner: "late", on: buses[0]) == .stored)
        await store.close()
    }

    private static func open(_ id: BankAccount.ID, owner: String, on bus: CommandBus) async -> Answer {
        do {
            try await bus.send(.open(owner: owner), to: id)
            return .stored
        } catch {
            guard case .handlerFailed(let cause) = error else { return .other("\(error)") }
            return .refused((cause as? SQLiteQueryError)?.code)
        }
    }
}
