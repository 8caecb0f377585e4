import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting
import Testing

/// What holds over several aggregates because a handler inside the append's transaction sees to it.
@Suite(.timeLimit(.minutes(2)))
struct InvariantTests {
    private enum Answer: Hashable {
        case stored
        case refused(sqlState: String?)
        case other(String)
    }

    private static let unique = TransactionalHandler(BankAccount.self, PostgresTransaction.self) { event, transaction in
        guard case .opened(let owner) = event.event else { return }
        try transaction.execute(
            "INSERT INTO public.owners VALUES ($1, $2, $3)",
            .text(owner),
            .text(event.aggregateID.value),
            .integer(event.position)
        )
    }

    // Behaviour case 15.
    @Test func `of sixteen accounts that race for one owner exactly one is opened, from two stores`() async throws {
        let place = try await TestStore()
        let session = try await place.session()
        try await session.run(
            "CREATE TABLE public.owners (owner text CONSTRAINT one_account UNIQUE, account text, position bigint)"
        )
        let stores = [try await place.open(), try await place.open()]
        let buses = stores.map { CommandBus(store: $0, transactionalHandlers: [Self.unique]) }
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
            #expect(answers == [.stored: 1, .refused(sqlState: "23505"): 15])
        }
        let differences = try await session.run(
            """
            SELECT * FROM public.owners AS o FULL JOIN
                (SELECT *, convert_from(payload, 'UTF8')::json ->> 'owner' AS owner FROM skein.events) AS e
                ON o.owner = e.owner AND o.account = e.aggregate_id AND o.position = e.position
            WHERE o.position IS NULL OR e.position IS NULL
            """
        )
        #expect(differences == [])
        #expect(try await session.value("SELECT count(*) FROM skein.events") == "5")
        // Who was refused may come again with what is right.
        let late = BankAccount.ID("late")
        #expect(await Self.open(late, owner: "owner-1", on: buses[0]) == .refused(sqlState: "23505"))
        #expect(await Self.open(late, owner: "late", on: buses[0]) == .stored)
        for store in stores { await store.close() }
    }

    private static func open(_ id: BankAccount.ID, owner: String, on bus: CommandBus) async -> Answer {
        do {
            try await bus.send(.open(owner: owner), to: id)
            return .stored
        } catch {
            guard case .handlerFailed(let cause) = error else { return .other("\(error)") }
            return .refused(sqlState: (cause as? PostgresError)?.sqlState)
        }
    }
}
