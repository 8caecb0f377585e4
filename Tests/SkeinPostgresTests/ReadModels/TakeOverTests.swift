import Foundation
import PostgresServer
import Synchronization
import Testing

/// Read models that two processes keep, of which one after the other is killed or held up in the midst of a batch.
@Suite(.timeLimit(.minutes(2)))
struct TakeOverTests {
    // Behaviour cases 99 and 125.
    @Test func `whoever is killed or held up in mid-batch is replaced, and read models equal the events exactly`()
        async throws
    {
        let place = try await TestStore()
        let session = try await place.session()
        try await session.run(
            "CREATE TABLE public.entries (position bigint, account text, version bigint, amount bigint)"
        )
        var processes: [KeepingProcess] = []
        defer { for process in processes { process.child.signal(SIGKILL) } }
        for number in 1...2 {
            processes.append(try KeepingProcess(number, place))
            try #require(await processes[number - 1].says("ready"))
        }
        var takeOvers = 0
        for signal in [SIGKILL, SIGSTOP, SIGKILL, SIGSTOP, SIGKILL] {
            let owner = try await Self.owner(in: session, otherThan: "")
            let index = try #require(processes.firstIndex { $0.name == owner })
            processes[index].child.signal(signal)
            if signal == SIGKILL {
                #expect(await processes[index].child.exit() == ProcessExit(signal: SIGKILL))
                // The place is free for the other one, and for a new one that comes later.
                let number = (processes.map(\.number).max() ?? 0) + 1
                processes[index] = try KeepingProcess(number, place)
            }
            _ = try await Self.owner(in: session, otherThan: owner)
            takeOvers += 1
            try #require(await processes[index].says("ready"))
            guard signal == SIGSTOP else { continue }
            // Whoever was held up goes on as if nothing had happened, with what it has in its hands.
            processes[index].child.signal(SIGCONT)
            try await Self.letBatchesPass(5, in: session)
        }
        for process in processes { process.child.send("drain") }
        for process in processes { #expect(await process.says("drained")) }
        let isThrough = """
            (SELECT position FROM skein.checkpoints WHERE subscription = 'totals')
                = (SELECT max(position) FROM skein.events)
            """
        #expect(try await session.wait(until: isThrough, within: .seconds(30)))
        for process in processes {
            process.child.send("stop")
            #expect(await process.says("stopped"))
            #expect(await process.child.exit() == ProcessExit(code: 0))
        }
        #expect(takeOvers >= 3)
        // The store has counted them, too; the first owner has epoch 1.
        let epoch = try await session.value("SELECT epoch FROM skein.checkpoints WHERE subscription = 'totals'")
        #expect(Int(epoch ?? "") ?? 0 > takeOvers)
        let events = Int(try await session.value("SELECT count(*) FROM skein.events") ?? "") ?? 0
        #expect(events > 100)
        #expect(try await session.run(Self.differencesOfTotals) == [])
        #expect(try await session.run(Self.differencesOfEntries) == [])
        try await Self.expectForgeriesAreNoticed(in: session)
        print("\(takeOvers) take-overs, \(events) events")
    }

    /// The process that has written a batch of the projection and has not committed it yet.
    private static func owner(in session: PostgresSession, otherThan name: String) async throws -> String {
        let busy = """
            FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
            AND application_name LIKE 'keeper-%' AND application_name <> '\(name)'
            """
        for _ in 0..<20_000 {
            if let owner = try await session.value("SELECT application_name \(busy)") { return owner }
            try await session.run("SELECT pg_sleep(0.001)")
        }
        throw NobodyTookOver(from: name)
    }

    /// Waits until the projection has come further several times.
    private static func letBatchesPass(_ count: Int, in session: PostgresSession) async throws {
        let position = "(SELECT position FROM skein.checkpoints WHERE subscription = 'totals')"
        for _ in 0..<count {
            let before = try await session.value("SELECT \(position)") ?? "0"
            try #require(try await session.wait(until: "\(position) > \(before)", within: .seconds(20)))
        }
    }

    private struct NobodyTookOver: Error {
        let from: String
    }

    // MARK: The comparison, past everything that Skein has

    private static let events = """
        (SELECT position, aggregate_id AS account, version,
                coalesce(event ->> 'amount', event ->> 'balance')::bigint AS amount
         FROM (SELECT *, convert_from(payload, 'UTF8')::json AS event FROM skein.events) AS read)
        """

    private static let differencesOfTotals = differences(
        "SELECT account, count(*), max(position), sum(amount)::bigint FROM \(events) AS e GROUP BY account",
        "SELECT account, events, last, amount FROM skein.totals"
    )

    private static let differencesOfEntries = differences(
        "SELECT position, account, version, amount FROM \(events) AS e",
        "SELECT position, account, version, amount FROM public.entries"
    )

    /// The rows that are in one and not in the other, also if it is only one time more.
    private static func differences(_ one: String, _ other: String) -> String {
        """
        (SELECT 'missing', d.* FROM ((\(one)) EXCEPT ALL (\(other))) AS d)
        UNION ALL (SELECT 'too much', d.* FROM ((\(other)) EXCEPT ALL (\(one))) AS d)
        """
    }

    private static func expectForgeriesAreNoticed(in session: PostgresSession) async throws {
        let last = "(SELECT max(position) FROM public.entries)"
        for (forgery, differences) in [
            ("UPDATE skein.totals SET events = events + 1 WHERE account = 'account-1'", differencesOfTotals),
            ("DELETE FROM skein.totals WHERE account = 'account-1'", differencesOfTotals),
            ("DELETE FROM public.entries WHERE position = \(last)", differencesOfEntries),
            ("INSERT INTO public.entries SELECT * FROM public.entries WHERE position = \(last)", differencesOfEntries),
        ] {
            try await session.run("BEGIN; \(forgery)")
            #expect(try await session.run(differences) != [], "\(forgery)")
            try await session.run("ROLLBACK")
        }
    }
}

/// A process that sends commands and keeps read models; the server knows its connections by its name.
private final class KeepingProcess: Sendable {
    let number: Int
    let name: String
    let child: ChildProcess
    private let heard = Mutex<Set<String>>([])

    init(_ number: Int, _ place: TestStore) throws {
        self.number = number
        name = "keeper-\(number)"
        let connection = place.server.connection(to: place.database, as: "postgres", ["application_name": name])
        let options = ["--seed", "\(number * 1_000)", "--pause", "0.1", "--lease", "700", "--clients", "2"]
        child = try ChildProcess(BuiltProgram.torture, ["read-models", connection] + options)
    }

    /// Waits until it has said something; false if it has ended before.
    func says(_ line: String) async -> Bool {
        if heard.withLock({ $0.contains(line) }) { return true }
        for await next in child.lines {
            heard.withLock { _ = $0.insert(next) }
            if next == line { return true }
        }
        return false
    }
}
