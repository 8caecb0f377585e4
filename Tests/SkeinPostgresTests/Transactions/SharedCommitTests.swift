import PostgresServer
import Skein
import SkeinPostgres
import Testing

/// Appends with bodies that wait together, and go into one transaction.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct SharedCommitTests {
    private struct Veto: Error {}

    private let place: TestStore
    private let store: PostgresEventStore
    private let session: PostgresSession

    init() async throws {
        place = try await TestStore()
        store = try await place.open()
        session = try await place.session()
        try await session.run(
            "CREATE TABLE public.entries (id text PRIMARY KEY, amount bigint NOT NULL CHECK (amount > 0))"
        )
    }

    private func ids() async throws -> [String?] {
        try await session.run("SELECT id FROM public.entries ORDER BY id").map { $0[0] }
    }

    @Test func `settings of a body end with its transaction`() async throws {
        try await store.transact { transaction in
            try transaction.execute("SET LOCAL search_path TO pg_catalog")
            #expect(try transaction.first("SELECT current_setting('search_path')")?.text(0) == "pg_catalog")
        }
        // The first one waits for the lock while the others gather behind it.
        try await session.run("BEGIN; SELECT FROM skein.head FOR UPDATE")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number: UInt64 in 0..<20 {
                group.addTask {
                    let stream = StreamID(aggregate: "a", id: "\(number)")
                    let append = StreamAppend(stream: stream, commands: [command(number)])
                    _ = try await store.append(append) { _, transaction in
                        let path = try transaction.first("SHOW search_path")?.text(0)
                        #expect(path == "skein, public, pg_temp" || path == "\"skein\", public, pg_temp")
                        guard try transaction.first("SHOW work_mem")?.text(0) != "99MB" else { throw Veto() }
                        try transaction.execute("SET LOCAL work_mem TO '99MB'")
                        try transaction.execute("SET LOCAL search_path TO pg_catalog")
                    }
                }
            }
            let observer = try await place.session()
            #expect(try await observer.wait(until: TestStore.isWaiting()))
            try await session.run("ROLLBACK")
            try await group.waitForAll()
        }
        #expect(try await store.head() == 20)
        #expect(try await store.append(command(50), to: ada).receipt?.position == 21)
    }

    @Test func `appends with bodies share a commit, and one body's veto takes back only its own`() async throws {
        // The first one waits for the lock while the others gather behind it.
        try await session.run("BEGIN; SELECT FROM skein.head FOR UPDATE")
        let transactions = Collected()
        let results = await withTaskGroup(of: (Int, EventStoreError?).self) { group in
            for number in 0..<60 {
                group.addTask {
                    let stream = StreamID(aggregate: "account", id: "\(number % 7)")
                    let append = StreamAppend(stream: stream, commands: [command(UInt64(number))])
                    return (
                        number,
                        await failure { () async throws(EventStoreError) in
                            _ = try await store.append(append) { _, transaction in
                                let id = try transaction.first("SELECT pg_current_xact_id()::text")?.text(0) ?? ""
                                transactions.insert(id)
                                try transaction.execute("INSERT INTO entries VALUES ($1, 1)", "\(number)")
                                if number % 3 == 0 { throw Veto() }
                                if number % 3 == 1, number % 2 == 0 {
                                    try transaction.execute("INSERT INTO entries VALUES ('bad', 0)")
                                }
                            }
                        }
                    )
                }
            }
            let observer = try? await place.session()
            _ = try? await observer?.wait(until: TestStore.isWaiting())
            _ = try? await session.run("ROLLBACK")
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for number in 0..<60 {
            let fails = number % 3 == 0 || number % 6 == 4
            #expect(results[number]?.code == (fails ? .handlerFailed : nil))
        }
        let stored = (0..<60).filter { results[$0] == nil }
        #expect(try await ids() == stored.map { "\($0)" }.sorted())
        #expect(try await store.log().map(\.position) == Array(1...Int64(stored.count)))
        #expect(transactions.count < 60)
    }

    @Test func `a constraint that is looked at in the commit fails the one append that breaks it`() async throws {
        try await session.run(
            "CREATE TABLE public.lines (entry text REFERENCES public.entries DEFERRABLE INITIALLY DEFERRED)"
        )
        try await session.run("BEGIN; SELECT FROM skein.head FOR UPDATE")
        let results = await withTaskGroup(of: (Int, EventStoreError?).self) { group in
            for number in 0..<10 {
                group.addTask {
                    let stream = StreamID(aggregate: "account", id: "\(number)")
                    let append = StreamAppend(stream: stream, commands: [command(UInt64(number))])
                    return (
                        number,
                        await failure { () async throws(EventStoreError) in
                            _ = try await store.append(append) { _, transaction in
                                try transaction.execute("INSERT INTO lines VALUES ($1)", "\(number)")
                                guard number != 7 else { return }
                                try transaction.execute("INSERT INTO entries VALUES ($1, 1)", "\(number)")
                            }
                        }
                    )
                }
            }
            let observer = try? await place.session()
            _ = try? await observer?.wait(until: TestStore.isWaiting())
            _ = try? await session.run("ROLLBACK")
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(results.keys.sorted() == [7])
        #expect(results[7]?.code == .handlerFailed)
        #expect((results[7]?.cause as? PostgresError)?.sqlState == "23503")
        #expect(try await store.log().map(\.position) == Array(1...9))
        #expect(try await ids().count == 9)
    }
}
