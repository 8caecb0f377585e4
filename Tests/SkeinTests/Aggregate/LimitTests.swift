import Skein
import Testing

/// Memory is bounded, and who meets a limit is told at once.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
    @Test func `a full mailbox refuses at once, and takes commands again when it is not full`() throws {
        let stage = try Stage { $0.mailboxLimit = 2 }
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let first = stage.send(.deposit(amount: 1), to: .ada)
        let second = stage.send(.deposit(amount: 1), to: .ada)
        #expect(stage.send(.deposit(amount: 1), to: .ada).error == .overloaded(.mailbox(limit: 2)))
        // Another aggregate has its own mailbox.
        #expect(stage.send(.open(owner: "Bob"), to: .bob).value?.version == 1)
        first.cancel()
        let third = stage.send(.deposit(amount: 1), to: .ada)
        #expect(!third.isOver)
        #expect(stage.send(.deposit(amount: 1), to: .ada).error == .overloaded(.mailbox(limit: 2)))
        stage.open(gate)
        #expect(second.value?.version == 2)
        #expect(third.value?.version == 3)
    }

    // case 79
    @Test func `the least recently used aggregate leaves when too many are in memory`() throws {
        let stage = try Stage { $0.residentLimit = 2 }
        let (first, second, third) = (BankAccount.ID("1"), BankAccount.ID("2"), BankAccount.ID("3"))
        for id in [first, second, first, third] { _ = stage.send(.touch, to: id) }
        #expect(stage.bus.residentCount == 2)
        let reads = stage.store.count(.read)
        _ = stage.send(.touch, to: first)
        #expect(stage.store.count(.read) == reads)
        _ = stage.send(.touch, to: second)
        #expect(stage.store.count(.read) == reads + 1)
        #expect(stage.bus.residentCount == 2)
    }

    @Test func `an aggregate in use does not leave, and if all are in use a new one is refused`() throws {
        let stage = try Stage { $0.residentLimit = 1 }
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        let first = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(stage.send(.open(owner: "Bob"), to: .bob).error == .overloaded(.residents(limit: 1)))
        stage.open(gate)
        #expect(first.value?.version == 1)
        #expect(stage.send(.open(owner: "Bob"), to: .bob).value?.version == 1)
        #expect(stage.bus.residentCount == 1)
    }

    @Test func `an invalid id pushes nobody out of memory`() throws {
        let stage = try Stage { $0.residentLimit = 1 }
        _ = stage.send(.touch, to: .ada)
        #expect(stage.send(.touch, to: BankAccount.ID("")).error?.refusedField == "aggregate id")
        #expect(stage.bus.residentCount == 1)
        _ = stage.send(.touch, to: .ada)
        #expect(stage.store.count(.read) == 1)
    }

    // case 73
    @Test func `an idle aggregate leaves memory after its time, one in use does not`() throws {
        let stage = try Stage { $0.residentIdleTime = .seconds(100) }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        let held = stage.send(.open(owner: "Bob"), to: .bob)
        stage.advance(by: .seconds(5), times: 10)
        _ = stage.send(.touch, to: .ada)
        stage.advance(by: .seconds(5), times: 19)
        #expect(stage.bus.residentCount == 2)
        stage.advance(by: .seconds(5), times: 4)
        #expect(stage.bus.residentCount == 1)
        stage.open(gate)
        #expect(held.value?.version == 1)
        stage.advance(by: .seconds(5), times: 23)
        #expect(stage.bus.residentCount == 0)
        run.cancel()
        #expect(run.isOver)
    }

    // case 75
    @Test func `a command that comes after the aggregate has left finds its state again`() throws {
        let stage = try Stage { $0.residentIdleTime = .seconds(10) }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 5), to: .ada)
        stage.advance(by: .seconds(5), times: 6)
        #expect(stage.bus.residentCount == 0)
        #expect(stage.send(.withdraw(amount: 5), to: .ada).value?.version == 3)
        #expect(stage.send(.withdraw(amount: 1), to: .ada).error == .rejected(.insufficientFunds(balance: 0)))
        run.cancel()
        #expect(run.isOver)
    }

    @Test func `no more aggregates are loaded at a time than the limit allows`() throws {
        let stage = try Stage { $0.loadLimit = 2 }
        let gate = Gate()
        stage.store.always(.read) { () throws(EventStoreError) in await gate.pass() }
        let sent = (0..<5).map { stage.send(.open(owner: "x"), to: BankAccount.ID("\($0)")) }
        #expect(gate.waitingCount == 2)
        #expect(stage.store.count(.read) == 2)
        stage.open(gate)
        #expect(sent.allSatisfy { $0.value?.version == 1 })
    }

    @Test func `a long stream is loaded in pages`() async throws {
        let store = FaultyStore(InMemoryEventStore(limits: EventStoreLimits(pageSize: 10)))
        let garden = Thermometer.ID("garden")
        for _ in 0..<3 { try await CommandBus(store: store).send(.fill(count: 10), to: garden) }
        let stage = try Stage(store: store)
        #expect(stage.state(of: garden)?.count == 30)
        #expect(stage.send(.fill(count: 1), to: garden).value?.version == 31)
    }

    @Test func `settings that make no sense are refused`() {
        let settings: [(inout BusConfiguration) -> Void] = [
            { $0.mailboxLimit = 0 }, { $0.residentLimit = 0 }, { $0.batchLimit = -1 }, { $0.loadLimit = 0 },
            { $0.subscriptionBuffer = 0 }, { $0.retryLimit = -1 },
        ]
        for change in settings {
            #expect(throws: InvalidInput.self) { try Stage(configure: change) }
        }
    }
}
