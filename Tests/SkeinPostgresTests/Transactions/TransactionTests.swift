import PostgresServer
import Skein
import SkeinPostgres
import Synchronization
import Testing

/// What a body can do in the store's transactions, and what becomes of it.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct TransactionTests {
    private struct Veto: Error, Equatable {}

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

    // Behaviour case 13.
    @Test func `an append's body sees its events, and what it writes is committed with them`() async throws {
        try await store.append(command(1), to: ada)
        let append = StreamAppend(stream: ada, expecting: .exactly(1), commands: [command(2, events: 2)])
        let result = try await store.append(append) { events, transaction in
            #expect(events.map(\.position) == [2, 3])
            // The store's own tables are there by name, and the events are in them already.
            let row = try transaction.first("SELECT count(*) AS n FROM events WHERE position > $1", 1)
            #expect(try row?.integer("n") == 2)
            let changed = try transaction.execute(
                "INSERT INTO entries (id, amount) VALUES ($1, $2), ('other', 1)",
                .text(events[0].stream.id),
                .integer(events[1].position)
            )
            #expect(changed == 2)
        }
        #expect(result.receipt?.version == 3)
        #expect(try await ids() == ["ada", "other"])
        #expect(try await store.log().map(\.position) == [1, 2, 3])
        // The versions are known as after any other append.
        #expect(try await store.append(command(3), to: ada, expecting: .exactly(3)).receipt?.position == 4)
    }

    @Test func `what a body throws comes back, and nothing is stored`() async throws {
        let error = await failure { () async throws(EventStoreError) in
            _ = try await store.append(StreamAppend(stream: ada, commands: [command(1)])) { _, transaction in
                try transaction.execute("INSERT INTO entries VALUES ('a', 1)")
                throw Veto()
            }
        }
        #expect(error?.code == .handlerFailed)
        #expect(error?.cause is Veto)
        #expect(try await ids() == [])
        #expect(try await store.head() == 0)
        #expect(try await store.append(command(1), to: ada).receipt?.position == 1)
    }

    // Behaviour case 143.
    @Test func `a statement that the server refuses fails the call, also if the body swallows it`() async throws {
        try await session.run("INSERT INTO public.entries VALUES ('secret', 1)")
        for swallows in [false, true] {
            let error = await failure { () async throws(EventStoreError) in
                _ = try await store.append(StreamAppend(stream: ada, commands: [command(1)])) { _, transaction in
                    do {
                        try transaction.execute("INSERT INTO entries VALUES ($1, 2)", "secret")
                    } catch {
                        #expect((error as? PostgresError)?.sqlState == "23505")
                        guard swallows else { throw error }
                    }
                    // Nothing reaches the server any more.
                    #expect(throws: PostgresError.self) { try transaction.query("SELECT 1") }
                }
            }
            #expect(error?.code == .handlerFailed)
            let cause = try #require(error?.cause as? PostgresError)
            #expect(cause.code == .statement(sqlState: "23505"))
            #expect(error?.leaks("secret") == false)
        }
        #expect(try await store.head() == 0)
    }

    @Test func `the text of an error does not quote what could not be read`() async throws {
        let error = await failure { () async throws(EventStoreError) in
            try await store.transact { try $0.execute("SELECT $1::integer", "sword\"fish") }
        }
        #expect((error?.cause as? PostgresError)?.sqlState == "22P02")
        #expect(error?.leaks("fish") == false)
    }

    @Test func `a transaction refuses to be used after its call`() async throws {
        nonisolated(unsafe) var kept: PostgresTransaction?
        nonisolated(unsafe) var reader: PostgresReader?
        try await store.transact { kept = $0 }
        try await store.read { reader = $0 }
        for use in [
            { _ = try kept?.execute("SELECT 1") }, { _ = try kept?.first("SELECT 1") },
            { _ = try reader?.query("SELECT 1") },
        ] as [() throws -> Void] {
            #expect { try use() } throws: { ($0 as? EventStoreError)?.code == .transactionOver }
        }
    }

    @Test func `what would end the transaction or outlive it is refused and not sent`() async throws {
        let texts = [
            "COMMIT", "  \n\tcommit", "-- why\nROLLBACK", "/* a /* b */ c */ END", ";;COMMIT", "BEGIN",
            "start transaction", "Abort", "SAVEPOINT mine", "RELEASE append", "PREPARE TRANSACTION 'x'",
            "SET search_path TO public", "SET SESSION AUTHORIZATION postgres", "set/**/timezone to 'UTC'", "RESET ALL",
            "DISCARD ALL", "DEALLOCATE ALL", "LISTEN events", "COPY entries FROM STDIN", "SELECT 1\u{0}", "SET",
        ]
        for (text, number) in zip(texts, 1...) {
            try await store.transact { transaction in
                do {
                    try transaction.execute(text)
                    throw Veto()
                } catch let error as PostgresError where error.code == .notAllowed {
                    // The transaction is as it was.
                    try transaction.execute("INSERT INTO entries VALUES ($1, 1)", "\(number)")
                }
            }
        }
        #expect(try await ids().count == texts.count)
    }

    @Test func `two statements in one text are refused by the server`() async throws {
        let error = await failure { () async throws(EventStoreError) in
            try await store.transact { try $0.execute("INSERT INTO entries VALUES ('a', 1); COMMIT") }
        }
        #expect((error?.cause as? PostgresError)?.sqlState == "42601")
        #expect(try await ids() == [])
    }

    // Behaviour case 143.
    @Test func `a move and its notes are committed with the body or not at all`() async throws {
        let claimed = try await store.claimCheckpoint(of: "view")
        let note = NoteChange.keep(SubscriptionNote(topic: "parked", key: 1, content: [1]))
        let error = await failure { () async throws(EventStoreError) in
            _ = try await store.move(claimed, to: 3, changing: [note]) { transaction in
                try transaction.execute("INSERT INTO entries VALUES ('a', 1)")
                throw Veto()
            }
        }
        #expect(error?.cause is Veto)
        #expect(try await store.checkpoint(of: "view") == claimed)
        #expect(try await store.notes(of: "view", topic: "parked", from: 0, limit: 10) == [])
        let moved = try await store.move(claimed, to: 3, changing: [note]) { transaction in
            try transaction.execute("INSERT INTO entries VALUES ('b', 1)")
        }
        #expect(moved.position == 3)
        let fenced = await failure { () async throws(EventStoreError) in
            _ = try await store.move(claimed, to: 4, changing: []) { _ in Issue.record("the body ran") }
        }
        #expect(fenced?.code == .checkpointFenced)
        #expect(try await ids() == ["b"])
        #expect(try await store.notes(of: "view", topic: "parked", from: 0, limit: 10).count == 1)
    }

    @Test func `while a move's body runs nobody else gets the checkpoint`() async throws {
        let claimed = try await store.claimCheckpoint(of: "view")
        let handover = Handover<Void>()
        let moving = Task { try await store.move(claimed, to: 3, changing: []) { _ in handover.wait(with: ()) } }
        _ = await handover.arrived()
        let other = try await place.open()
        let claiming = Task { try await other.acquireLease(on: "view", for: "b", lasting: .seconds(60)) }
        #expect(try await session.wait(until: TestStore.isWaiting()))
        handover.goOn()
        #expect(try await moving.value.position == 3)
        let next = Checkpoint(subscription: "view", position: 3, epoch: claimed.epoch + 1)
        #expect(try await claiming.value == .acquired(next, wasReleased: true))
        await other.close()
    }

    @Test func `a batch is written with one statement`() async throws {
        let odd = ["plain", "", "a\"b", "c\\d", "{e,f}", "null", "ü 🪿", "g'h"]
        let changed = Mutex(0)
        try await store.transact { transaction in
            let count = try transaction.execute(
                "INSERT INTO entries (id, amount) SELECT * FROM unnest($1::text[], $2::bigint[])",
                .texts(odd),
                .integers((1...8).map { $0 * 1_000_000_000_000 })
            )
            changed.withLock { $0 = count }
            try transaction.execute("DELETE FROM entries WHERE amount = ANY ($1)", .integers([]))
        }
        #expect(changed.withLock { $0 } == 8)
        let rows = try await store.read { reader in
            try reader.query("SELECT id, amount FROM entries ORDER BY amount").map { row in
                "\(try row.text("id") ?? "-") \(try row.integer("amount") ?? 0)"
            }
        }
        #expect(rows == zip(odd, 1...).map { "\($0) \($1)000000000000" })
    }

    @Test func `a read model is read at one moment, and cannot be written`() async throws {
        try await session.run("INSERT INTO public.entries VALUES ('a', 1)")
        let handover = Handover<Void>()
        let reading = Task {
            try await store.read { reader in
                let before = try reader.first("SELECT count(*) FROM entries")?.integer(0)
                handover.wait(with: ())
                return [before, try reader.first("SELECT count(*) FROM entries")?.integer(0)]
            }
        }
        _ = await handover.arrived()
        try await session.run("INSERT INTO public.entries VALUES ('b', 1)")
        handover.goOn()
        #expect(try await reading.value == [1, 1])
        let error = await failure { () async throws(EventStoreError) in
            _ = try await store.read { try $0.query("INSERT INTO entries VALUES ('c', 1) RETURNING id").count }
        }
        #expect(error?.code == .handlerFailed)
        #expect((error?.cause as? PostgresError)?.sqlState == "25006")
        #expect(try await ids() == ["a", "b"])
    }
}
