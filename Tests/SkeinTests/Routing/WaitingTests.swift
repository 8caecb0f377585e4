import Skein
import Testing

/// Waiting for a subscription to see what was stored.
@Suite(.timeLimit(.minutes(1))) struct WaitingTests {
    // case 131
    @Test func `a wait ends when the position is reached, filtered events included`() throws {
        let gate = Gate()
        let recorder = Recorder()
        recorder.act { _ in await gate.pass() }
        let stage = try Stage { recorder.subscription() }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.fill(count: 1), to: Thermometer.ID("garden"))
        let first = stage.wait(for: "view", toReach: 1)
        let second = stage.wait(for: "view", toReach: 2)
        #expect(!first.isOver && !second.isOver)
        stage.open(gate)
        #expect(first.error == nil && first.isOver)
        #expect(second.error == nil && second.isOver)
        run.cancel()
    }

    @Test(arguments: [false, true])
    func `a position that is reached already is not waited for, however short the time`(_ isLastFirst: Bool) throws {
        let stage = try Stage { Recorder().subscription() }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let executor = ManualExecutor(isLastFirst: isLastFirst)
        let wait = Running(on: executor) { [bus = stage.bus] () throws(SubscriptionWaitError) in
            try await bus.wait(for: "view", toReach: 1, within: .zero)
        }
        #expect(wait.isOver)
        #expect(wait.error == nil)
        run.cancel()
    }

    @Test func `a wait that takes too long tells how far it came`() throws {
        let gate = Gate()
        let recorder = Recorder()
        recorder.act { text in if text == "ada@2" { await gate.pass() } }
        let stage = try Stage { recorder.subscription() }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        let wait = stage.wait(for: "view", toReach: 2, within: .seconds(2))
        stage.advance(by: .milliseconds(1_999))
        #expect(!wait.isOver)
        stage.advance(by: .milliseconds(1))
        guard case .timeout("view", reached: 1, wanted: 2)? = wait.error else {
            Issue.record("\(String(describing: wait.error))")
            return
        }
        run.cancel()
        stage.open(gate)
        #expect(run.isOver)
    }

    @Test func `a wait for a subscription that stops or has stopped tells its error`() throws {
        let gate = Gate()
        let recorder = Recorder()
        recorder.act { _ in
            await gate.pass()
            throw Broken()
        }
        let stage = try Stage { recorder.subscription(retry: .stopAtOnce) }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let before = stage.wait(for: "view", toReach: 1)
        stage.open(gate)
        let after = stage.wait(for: "view", toReach: 1)
        for wait in [before, after] {
            guard case .stopped("view", .handlerFailed(position: 1, attempts: 1, _))? = wait.error else {
                Issue.record("\(String(describing: wait.error))")
                continue
            }
        }
        run.cancel()
    }

    @Test func `a wait for an unknown name is refused, and a cancelled one ends`() throws {
        let stage = try Stage { Recorder().subscription() }
        guard case .unknownSubscription("other")? = stage.wait(for: "other", toReach: 1).error else {
            Issue.record("it waits")
            return
        }
        let wait = stage.wait(for: "view", toReach: 1)
        #expect(!wait.isOver)
        wait.cancel()
        guard case .cancelled? = wait.error else {
            Issue.record("\(String(describing: wait.error))")
            return
        }
        #expect(stage.time.sleeperCount == 0)
    }

    // cases 127, 129
    @Test func `a command returns after the subscriptions that it awaits, and waits for no others`() throws {
        let gate = Gate()
        let (slow, quick) = (Recorder(), Recorder())
        slow.act { _ in await gate.pass() }
        let stage = try Stage {
            slow.subscription("slow")
            quick.subscription("quick")
        }
        let run = stage.run()
        let quickly = stage.send(.open(owner: "Ada"), to: .ada, options: CommandOptions(awaiting: ["quick"]))
        #expect(quickly.value?.version == 1)
        let slowly = stage.send(.deposit(amount: 1), to: .ada, options: CommandOptions(awaiting: ["quick", "slow"]))
        #expect(!slowly.isOver)
        stage.open(gate)
        #expect(slowly.value?.version == 2)
        // case 57
        let nothing = stage.send(.touch, to: .ada, options: CommandOptions(awaiting: ["slow"], awaitingTimeout: .zero))
        #expect(nothing.value?.version == 2)
        run.cancel()
    }

    @Test func `a command that is not visible in time says that it is stored`() throws {
        let gate = Gate()
        let recorder = Recorder()
        recorder.act { _ in await gate.pass() }
        let stage = try Stage { recorder.subscription() }
        let run = stage.run()
        let options = CommandOptions(id: .fresh(), awaiting: ["view"], awaitingTimeout: .seconds(3))
        let sent = stage.send(.open(owner: "Ada"), to: .ada, options: options)
        stage.advance(by: .seconds(3))
        guard case .notYetVisible(let stored, .timeout("view", reached: 0, wanted: 1))? = sent.error else {
            Issue.record("\(String(describing: sent.error))")
            return
        }
        #expect(stored.id == options.id)
        #expect(stored.version == 1)
        #expect(stored.position == 1)
        let unknown = stage.send(.deposit(amount: 1), to: .ada, options: CommandOptions(awaiting: ["other"]))
        guard case .notYetVisible(_, .unknownSubscription("other"))? = unknown.error else {
            Issue.record("\(String(describing: unknown.error))")
            return
        }
        stage.open(gate)
        run.cancel()
    }
}

extension Stage {
    fileprivate func wait(
        for subscription: String,
        toReach position: Int64,
        within timeout: Duration = .seconds(60)
    ) -> Running<Void, SubscriptionWaitError> {
        Running(on: executor) { [bus] () throws(SubscriptionWaitError) in
            try await bus.wait(for: subscription, toReach: position, within: timeout)
        }
    }
}
