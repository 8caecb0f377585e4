import Dispatch
import Skein
import SkeinSQLite
import SkeinTesting
import Synchronization
import Testing

/// New tables that take the place of old ones while all goes on.
@Suite(.timeLimit(.minutes(2)))
struct RebuildTests {
    private let database: TestDatabase
    private let store: SQLiteEventStore

    init() async throws {
        database = try TestDatabase()
        store = try await database.open()
    }

    private func bus(_ projection: Balances, failure: FailurePolicy = .standard) -> CommandBus {
        CommandBus(store: store) { Subscription(projection, batches: BatchSize(7), failure: failure) }
    }

    private func reach(_ position: Int64, _ bus: CommandBus) async throws {
        try await bus.wait(for: "balances", toReach: position, within: .seconds(60))
    }

    private func tables() async throws -> [String?] {
        try await store.read { (reader: SQLiteReader) throws -> [String?] in
            try reader.query("SELECT name FROM sqlite_schema WHERE name GLOB 'balances__[0-9]' ORDER BY 1").map { row in
                try row.text(0)
            }
        }
    }

    // Behaviour case 123.
    @Test func `readers never see less than before while a read model is rebuilt and writers go on`() async throws {
        let bus = bus(Balances())
        try await bus.open("ada")
        for _ in 0..<60 { try await bus.deposit(1, to: "ada") }
        let isRebuilt = Flag()
        try await bus.whileRunning {
            try await reach(61, bus)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for _ in 0..<3 { try await bus.rebuild("balances") }
                    isRebuilt.set()
                }
                for _ in 0..<2 {
                    group.addTask {
                        var (before, reads) = (60, 0)
                        while !isRebuilt.isSet || reads < 10 {
                            let now = try await store.balances()["ada"] ?? 0
                            #expect(now >= before)
                            (before, reads) = (now, reads + 1)
                        }
                    }
                }
                group.addTask {
                    var sent = 0
                    while !isRebuilt.isSet, sent < 900 {
                        try await bus.deposit(1, to: "ada")
                        sent += 1
                    }
                }
                try await group.waitForAll()
            }
            let head = try await store.head()
            try await reach(head, bus)
            #expect(try await store.balances() == ["ada": Int(head) - 1])
        }
        #expect(try await tables() == ["balances__4"])
        #expect(try await store.checkpoint(of: "balances#rebuild") == nil)
        await store.close()
    }

    @Test func `a read that began before new tables take their place sees no less than before`() async throws {
        let bus = bus(Balances())
        try await bus.open("ada")
        for _ in 0..<10 { try await bus.deposit(1, to: "ada") }
        let (hasBegun, begun) = AsyncStream.makeStream(of: Void.self)
        let goOn = DispatchSemaphore(value: 0)
        try await bus.whileRunning {
            try await reach(11, bus)
            async let seen = store.read { (reader: SQLiteReader) throws -> Int64? in
                _ = try reader.query("SELECT count(*) FROM skein_events")
                begun.yield()
                _ = goOn.wait(timeout: .now() + 20)
                return try reader.first("SELECT balance FROM balances")?.integer(0)
            }
            for await _ in hasBegun { break }
            try await bus.rebuild("balances")
            goOn.signal()
            let balance = try await seen
            #expect(balance == 10)
        }
        await store.close()
    }

    @Test func `a newer version is rebuilt when the bus runs, and the older one stops`() async throws {
        let old = bus(Balances())
        try await old.open("ada")
        try await old.deposit(5, to: "ada")
        try await old.whileRunning {
            try await reach(2, old)
            #expect(try await store.balances() == ["ada": 5])
            let new = CommandBus(store: store) { Subscription(Balances(version: 2, factor: 10)) }
            try await new.whileRunning {
                try await new.deposit(1, to: "ada")
                while try await store.balances() != ["ada": 60] { await Task.yield() }
                try await reach(3, new)
            }
        }
        let again = bus(Balances())
        try await again.whileRunning {
            let error = await #expect(throws: SubscriptionWaitError.self) { try await reach(4, again) }
            guard case .stopped(_, .handlerFailed(_, _, let cause)) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect((cause as? ProjectionSuperseded)?.live == 2)
        }
        #expect(try await store.balances() == ["ada": 60])
        await store.close()
    }

    @Test func `an interrupted rebuild goes on where it was`() async throws {
        let first = bus(Balances())
        try await first.open("ada")
        for _ in 0..<60 { try await first.deposit(1, to: "ada") }
        try await first.whileRunning { try await reach(61, first) }
        let poison = bus(Balances(refusing: 7), failure: FailurePolicy(retry: .stopAtOnce))
        try await poison.deposit(7, to: "ada")
        let error = await #expect(throws: RebuildError.self) { try await poison.rebuild("balances") }
        #expect(error.map { if case .stopped = $0 { true } else { false } } == true)
        #expect(try await store.balances() == ["ada": 60])
        #expect(try await tables() == ["balances__1", "balances__2"])
        let mended = Balances()
        try await bus(mended).rebuild("balances")
        #expect(try await store.balances() == ["ada": 67])
        #expect(mended.count < 30)
        await store.close()
    }
}

/// Something that has happened or not.
private final class Flag: Sendable {
    private let state = Atomic(false)
    var isSet: Bool { state.load(ordering: .acquiring) }
    func set() { state.store(true, ordering: .releasing) }
}
