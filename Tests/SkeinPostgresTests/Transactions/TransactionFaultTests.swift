import PostgresServer
import Skein
import SkeinPostgres
import Synchronization
import Testing

/// Connections and servers that fail while a body runs, or when it is done.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct TransactionFaultTests {
    private let place: TestStore
    private let proxy: Proxy
    private let store: PostgresEventStore
    private let session: PostgresSession

    init() async throws {
        place = try await TestStore()
        proxy = try Proxy(to: place.server.socket)
        store = try await place.open(through: proxy)
        session = try await place.session()
        try await session.run("CREATE TABLE public.entries (id text)")
        try await store.append(command(1), to: ada)
    }

    private func count() async throws -> String? {
        try await session.value("SELECT count(*) FROM public.entries")
    }

    /// The calls that run a body.
    enum Call: CaseIterable { case append, move, transact }

    private func run(
        _ call: Call,
        on store: PostgresEventStore? = nil,
        _ body: @escaping @Sendable (PostgresTransaction) throws -> Void
    ) async throws(EventStoreError) {
        let store = store ?? self.store
        switch call {
        case .append:
            _ = try await store.append(StreamAppend(stream: ada, commands: [command(2)])) { try body($1) }
        case .move:
            let claimed = try await store.claimCheckpoint(of: "view")
            _ = try await store.move(claimed, to: 1, changing: [], running: body)
        case .transact:
            try await store.transact(body)
        }
    }

    /// What a body does once its connection is gone.
    enum Then: CaseIterable { case throwing, swallowing, returning }

    @Test(arguments: Call.allCases, Then.allCases)
    func `a connection that is killed inside a body is lost, whatever the body makes of it`(
        call: Call,
        then: Then
    ) async throws {
        let handover = Handover<Int64>()
        let running = Task {
            await failure { () async throws(EventStoreError) in
                try await run(call) { transaction in
                    try transaction.execute("INSERT INTO entries VALUES ('lost')")
                    handover.wait(with: try transaction.first("SELECT pg_backend_pid()")?.integer(0) ?? 0)
                    switch then {
                    case .throwing: try transaction.execute("SELECT 1")
                    case .swallowing: _ = try? transaction.execute("SELECT 1")
                    case .returning: break
                    }
                }
            }
        }
        let process = try #require(await handover.arrived())
        try await session.run("SELECT pg_terminate_backend(\(process))")
        #expect(try await session.wait(until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(process))"))
        handover.goOn()
        let error = await running.value
        // If the end has not come through yet when the body returns, a commit is sent after it.
        #expect(error?.code == .connectionLost || (then == .returning && error?.code == .outcomeUnknown))
        #expect(try await count() == "0")
        #expect(try await store.head() == 1)
        try await run(call) { try $0.execute("INSERT INTO entries VALUES ('kept')") }
        #expect(try await count() == "1")
    }

    @Test(arguments: [ProxyCut.Moment.beforeRequest, .afterAnswer])
    func `a commit whose answer is lost is unknown, and repeating the append tells`(
        moment: ProxyCut.Moment
    ) async throws {
        let append = StreamAppend(stream: ada, commands: [command(2)])
        let runs = Mutex(0)
        let body: @Sendable ([StoredEvent], PostgresTransaction) throws -> Void = { events, transaction in
            runs.withLock { $0 += 1 }
            try transaction.execute("INSERT INTO entries VALUES ($1)", .text("\(events[0].position)"))
        }
        proxy.cut(ProxyCut(moment, around: ["commit"]))
        let error = await failure { () async throws(EventStoreError) in
            _ = try await store.append(append, running: body)
        }
        #expect(error?.code == .outcomeUnknown)
        #expect(proxy.tally.statementCuts == [moment: 1])
        let result = try await store.append(append, running: body)
        let wasCommitted = moment == .afterAnswer
        #expect((result.known != nil) == wasCommitted)
        #expect(runs.withLock { $0 } == (wasCommitted ? 1 : 2))
        #expect(try await session.run("SELECT id FROM public.entries") == [["2"]])
        #expect(try await store.log().map(\.version) == [1, 2])
    }

    @Test(arguments: [Call.move, .transact])
    func `a commit whose answer is lost is unknown for other transactions too`(call: Call) async throws {
        proxy.cut(ProxyCut(.afterAnswer, around: ["commit"]))
        let error = await failure { () async throws(EventStoreError) in
            try await run(call) { try $0.execute("INSERT INTO entries VALUES ('a')") }
        }
        #expect(error?.code == .outcomeUnknown)
        #expect(try await count() == "1")
    }

    @Test func `a read whose connection breaks is repeated`() async throws {
        #expect(try await store.read { try $0.first("SELECT 7")?.integer(0) } == 7)
        proxy.cut(ProxyCut(.afterRequest, around: ["select 7"]))
        #expect(try await store.read { try $0.first("SELECT 7")?.integer(0) } == 7)
        #expect(proxy.tally.statementCuts == [.afterRequest: 1])
    }

    @Test(arguments: Call.allCases)
    func `a lock that others hold too long is transient, also if the body swallows it`(call: Call) async throws {
        let store = try await place.open { $0.lockTimeout = .milliseconds(100) }
        let holder = try await place.session()
        try await holder.run("BEGIN; LOCK TABLE public.entries")
        for swallows in [false, true] {
            let error = await failure { () async throws(EventStoreError) in
                try await run(call, on: store) { transaction in
                    do { try transaction.execute("INSERT INTO entries VALUES ('a')") } catch {
                        guard swallows else { throw error }
                    }
                }
            }
            #expect(error?.code == .transient)
        }
        try await holder.run("ROLLBACK")
        try await run(call, on: store) { try $0.execute("INSERT INTO entries VALUES ('a')") }
        #expect(try await count() == "1")
        await store.close()
    }

    @Test func `one body's lock does not fail the appends beside it`() async throws {
        let store = try await place.open { $0.lockTimeout = .milliseconds(400) }
        let holder = try await place.session()
        try await holder.run("BEGIN; LOCK TABLE public.entries")
        try await session.run("BEGIN; SELECT FROM skein.head FOR UPDATE")
        let results = await withTaskGroup(of: (Int, EventStoreError?).self) { group in
            for number in 0..<6 {
                group.addTask {
                    let append = StreamAppend(
                        stream: StreamID(aggregate: "account", id: "\(number)"),
                        commands: [command(UInt64(number) + 100)]
                    )
                    return (
                        number,
                        await failure { () async throws(EventStoreError) in
                            _ = try await store.append(append) { _, transaction in
                                if number == 2 { try transaction.execute("INSERT INTO entries VALUES ('a')") }
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
        #expect(results.keys.sorted() == [2])
        #expect(results[2]?.code == .transient)
        #expect(try await store.head() == 6)
        try await holder.run("ROLLBACK")
        await store.close()
    }

    @Test func `a body that sits on its transaction loses it after the statement time-out`() async throws {
        let store = try await place.open { $0.statementTimeout = .milliseconds(300) }
        let handover = Handover<Int64>()
        let running = Task {
            await failure { () async throws(EventStoreError) in
                try await store.transact { transaction in
                    handover.wait(with: try transaction.first("SELECT pg_backend_pid()")?.integer(0) ?? 0)
                }
            }
        }
        let process = try #require(await handover.arrived())
        #expect(try await session.wait(until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(process))"))
        handover.goOn()
        let code = await running.value?.code
        // If the end has not come through yet when the body returns, a commit is sent after it.
        #expect(code == .connectionLost || code == .outcomeUnknown)
        await store.close()
    }

    // Behaviour case 105.
    @Test func `two stores on one database run bodies one after the other`() async throws {
        let other = try await place.open()
        try await session.run("ALTER TABLE public.entries ADD UNIQUE (id)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number: UInt64 in 0..<40 {
                group.addTask {
                    let store = number % 2 == 0 ? store : other
                    let append = StreamAppend(stream: ada, commands: [command(number + 10)])
                    _ = try await store.append(append) { events, transaction in
                        // As many entries as events before this one, or a body has run beside another.
                        let before = try transaction.first("SELECT count(*) FROM entries")?.integer(0)
                        #expect(before == events[0].position - 2)
                        try transaction.execute("INSERT INTO entries VALUES ($1)", .text("\(events[0].position)"))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await count() == "40")
        #expect(try await store.log().map(\.version) == Array(1...41))
        await other.close()
    }
}
