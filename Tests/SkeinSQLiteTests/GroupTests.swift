import Skein
import SkeinSQLite
import Synchronization
import Testing

@Suite struct GroupTests {
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
    }

    @Test func `one append's failure leaves the others of its transaction alone`() async throws {
        let store = try await database.open()
        try await store.append(command(1, events: 2), to: ada)
        let foreign = command(1).events[0].id
        let clash = CommandAppend(
            id: CommandID(high: 8, low: 1),
            outcome: .events([
                NewEvent(id: EventID(command: CommandID(high: 8, low: 1), ordinal: 0), name: "a", payload: []),
                NewEvent(id: foreign, name: "b", payload: []),
            ])
        )
        var operations: [Operation] = [
            {
                await code { () throws(EventStoreError) in
                    try await store.append(command(50), to: ada, expecting: .exactly(7))
                }
            },
            { await code { () throws(EventStoreError) in try await store.append(clash, to: ada) } },
            { await code { () throws(EventStoreError) in try await store.append(command(1), to: bob) } },
        ]
        for number in 100..<130 {
            operations.append {
                await code { () throws(EventStoreError) in
                    try await store.append(command(UInt64(number)), to: StreamID(aggregate: "x", id: "\(number)"))
                }
            }
        }
        let answers = try await database.together(store, operations)
        #expect(answers[0] == .conflict(expected: .exactly(7), actual: 2))
        #expect(answers[1] == .duplicateEvent(foreign))
        #expect(answers[2...].allSatisfy { $0 == nil })
        #expect(try await store.version(of: bob) == 0, "its command was known")
        #expect(try await store.version(of: ada) == 2)
        #expect(try await store.head() == 2 + 1 + 30)
        #expect(try await store.log().map(\.position) == Array(1...33))
        await store.close()
    }

    @Test func `the same command sent twice at once is stored once, and both hear of it`() async throws {
        let store = try await database.open()
        let results = await withTaskGroup(of: AppendResult?.self) { group in
            for _ in 0..<20 {
                group.addTask { try? await store.append(command(1, events: 3), to: ada) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.count { $0?.receipt != nil } == 1)
        #expect(results.count { $0?.known?.first?.version == 3 } == 19)
        #expect(try await store.head() == 3)
        await store.close()
    }

    @Test func `a full database refuses, keeps what it has, and goes on when there is room`() async throws {
        let large = [UInt8](repeating: 0x41, count: 100_000)
        var stored: UInt64 = 0
        let small = try await database.open { $0.maximumPageCount = 200 }
        var answer: EventStoreError.Code?
        while answer == nil, stored < 100 {
            let next = command(stored + 1, payload: large)
            answer = await code { () throws(EventStoreError) in try await small.append(next, to: ada) }
            if answer == nil { stored += 1 }
        }
        #expect(answer == .full)
        #expect(stored > 0)
        #expect(try await small.version(of: ada) == Int64(stored))
        let answers = try await database.together(
            small,
            [
                {
                    await code { () throws(EventStoreError) in
                        try await small.append(command(200, payload: large), to: ada)
                    }
                },
                { await code { () throws(EventStoreError) in try await small.append(command(201), to: bob) } },
            ]
        )
        #expect(answers == [.full, nil], "the small one still fits")
        await small.close()
        let roomy = try await database.open()
        #expect(try await roomy.append(command(200, payload: large), to: ada).receipt?.version == Int64(stored) + 1)
        await roomy.close()
    }

    @Test func `another program's lock is a transient error`() async throws {
        let store = try await database.open { $0.busyTimeout = .milliseconds(20) }
        let unlock = try database.lock()
        #expect(await code { () throws(EventStoreError) in try await store.append(command(1), to: ada) } == .transient)
        #expect(try await store.head() == 0, "reading goes on")
        try unlock()
        #expect(try await store.append(command(1), to: ada).receipt?.version == 1)
        await store.close()
    }

    @Test func `a queue that is full refuses at once`() async throws {
        let store = try await database.open { $0.queueLimit = 2 }
        let operations = (0..<50).map { number -> Operation in
            {
                await code { () throws(EventStoreError) in try await store.append(command(UInt64(number)), to: ada) }
            }
        }
        let answers = try await database.together(store, operations, unlockingAfter: 45)
        let refused = answers.count { $0 == .transient }
        #expect(refused >= 45)
        #expect(answers.allSatisfy { $0 == nil || $0 == .transient })
        #expect(try await store.version(of: ada) == Int64(50 - refused))
        await store.close()
    }

    @Test func `appends that arrive during a commit share the next one`() async throws {
        let time = CountingTime()
        let store = try await database.open { $0.time = time }
        let operations = (0..<100).map { number -> Operation in
            {
                await code { () throws(EventStoreError) in try await store.append(command(UInt64(number)), to: ada) }
            }
        }
        #expect(try await database.together(store, operations).allSatisfy { $0 == nil })
        #expect(try await store.version(of: ada) == 100)
        // The clock is read once for each transaction.
        #expect(time.readings < 50)
        await store.close()
    }
}

private final class CountingTime: TimeSource {
    private let count = Atomic<Int>(0)

    var readings: Int { count.load(ordering: .relaxed) }

    func now() -> Timestamp {
        count.add(1, ordering: .relaxed)
        return Timestamp(microseconds: 1)
    }

    func uptime() -> Duration { .zero }

    func sleep(for duration: Duration) async throws {}
}
