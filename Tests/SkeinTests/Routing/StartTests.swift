import Skein
import Testing

/// Where a subscription begins, how it pauses, and how it is forgotten.
@Suite(.timeLimit(.minutes(1))) struct StartTests {
    // case 83
    @Test(arguments: [Subscription.Durability.durable, .ephemeral])
    func `a subscription from now on gets only what comes after its first run`(
        _ durability: Subscription.Durability
    )
        throws
    {
        let recorder = Recorder()
        let declare = { Subscription("view", from: .now, durability: durability) { recorder.accounts } }
        let stage = try Stage.timed { declare() }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let run = stage.run()
        _ = stage.send(.deposit(amount: 1), to: .ada)
        #expect(recorder.seen == ["ada@2"])
        run.cancel()
        _ = try stage.other {}.send(.deposit(amount: 1), to: .ada)
        let again = try stage.other { declare() }
        let second = again.run()
        _ = again.send(.deposit(amount: 1), to: .ada)
        #expect(recorder.seen == (durability == .durable ? ["ada@2", "ada@3", "ada@4"] : ["ada@2", "ada@4"]))
        second.cancel()
    }

    @Test func `a subscription from now on that has seen nothing yet misses nothing either`() throws {
        let recorder = Recorder()
        let stage = try Stage.timed { Subscription("view", from: .now) { recorder.accounts } }
        let run = stage.run()
        run.cancel()
        _ = try stage.other {}.send(.open(owner: "Ada"), to: .ada)
        let again = try stage.other { Subscription("view", from: .now) { recorder.accounts } }
        let second = again.run()
        #expect(recorder.seen == ["ada@1"])
        second.cancel()
    }

    @Test func `a subscription from a position begins behind it`() throws {
        let recorder = Recorder()
        let stage = try Stage.timed { Subscription("view", from: .position(2), partitions: 2) { recorder.accounts } }
        for name in ["a", "b", "c", "d"] { _ = stage.send(.open(owner: ""), to: BankAccount.ID(name)) }
        let run = stage.run()
        #expect(recorder.seen.sorted() == ["c@3", "d@4"])
        run.cancel()
    }

    // case 107
    @Test func `only events of the wanted names are handled, and all of them raw if that is wanted`() throws {
        let (named, every) = (Recorder(), Recorder())
        let stage = try Stage.timed {
            Subscription("named") {
                On(BankAccount.self, events: "opened", "withdrawn") { event in
                    try await named.note("\(event.event)@\(event.position)")
                }
                named.thermometers
            }
            Subscription("every") { On.every { event in try await every.note("\(event.name)@\(event.position)") } }
        }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 3), to: .ada)
        _ = stage.send(.fill(count: 1), to: Thermometer.ID("garden"))
        _ = stage.send(.withdraw(amount: 1), to: .ada)
        #expect(named.seen == ["opened(owner: \"Ada\")@1", "garden@3", "withdrawn(amount: 1)@4"])
        #expect(every.seen == ["opened@1", "deposited@2", "measured@3", "withdrawn@4"])
        #expect(stage.bus.router.statuses.map(\.position) == [4, 4])
        run.cancel()
    }

    @Test func `a paused subscription handles nothing, also after a restart, until it is resumed`() async throws {
        let recorder = Recorder()
        let stage = try Stage.timed { recorder.subscription() }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.start { [bus = stage.bus] in try await bus.pause("view") }
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.advance(by: .seconds(10))
        #expect(recorder.seen == ["ada@1"])
        #expect(stage.activity("view").map { "\($0)" } == "paused")
        run.cancel()
        let again = try stage.other { recorder.subscription() }
        let second = again.run()
        #expect(again.activity("view").map { "\($0)" } == "paused")
        #expect(recorder.seen == ["ada@1"])
        // From another process, which is seen within a second.
        let bystander = try stage.other {}
        try await bystander.bus.resume("view")
        again.advance(by: .seconds(1))
        #expect(recorder.seen == ["ada@1", "ada@2"])
        #expect(again.activity("view").map { "\($0)" } == "running")
        second.cancel()
    }

    // case 103
    @Test(arguments: [1, 3]) func `a subscription that is removed is forgotten, and begins anew`(
        count: Int
    ) async throws {
        let recorder = Recorder()
        let declare = { Subscription("view", partitions: count) { recorder.accounts } }
        let stage = try Stage.timed { declare() }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.start { [bus = stage.bus] in try await bus.remove("view") }
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.advance(by: .seconds(10))
        #expect(recorder.seen == ["ada@1"])
        for key in ["view", "view#0/3", "view#1/3", "view#2/3"] {
            #expect(try await stage.store.base.checkpoint(of: key) == nil)
        }
        run.cancel()
        #expect(run.isOver)
        let again = try stage.other { declare() }
        let second = again.run()
        #expect(recorder.seen == ["ada@1", "ada@1", "ada@2"])
        second.cancel()
    }

    @Test func `a status tells the lag and the rate`() throws {
        let recorder = Recorder()
        let gate = Gate()
        let stage = try Stage.timed { recorder.subscription() }
        for number in 1...10 { _ = stage.send(.open(owner: ""), to: BankAccount.ID("\(number)")) }
        recorder.act { text in if text == "6@6" { await gate.pass() } }
        let run = stage.run()
        stage.advance(by: .seconds(1))
        let status = stage.bus.router.statuses[0]
        #expect(status.lag == 5)
        #expect(status.rate == 5)
        stage.open(gate)
        #expect(stage.bus.router.statuses[0].lag == 0)
        stage.advance(by: .seconds(60))
        #expect(stage.bus.router.statuses[0].rate == 0)
        run.cancel()
    }
}
