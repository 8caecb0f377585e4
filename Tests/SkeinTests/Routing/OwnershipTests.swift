import Skein
import Testing

/// One process at a time runs a subscription; another one takes over when it ends, dies or hangs.
@Suite(.timeLimit(.minutes(1))) struct OwnershipTests {
    // cases 85, 99
    @Test func `of two processes one runs a subscription, the other takes over when it ends`() async throws {
        let (first, second) = (Recorder(), Recorder())
        let stage = try Stage.timed { first.subscription() }
        let standby = try stage.other { second.subscription() }
        let run = stage.run()
        let other = standby.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        guard case .waiting = standby.activity("view") else {
            Issue.record("\(String(describing: standby.activity("view")))")
            return
        }
        #expect(first.seen == ["ada@1"])
        #expect(second.seen.isEmpty)
        // A lease that is renewed is not taken over.
        stage.advance(by: .seconds(5), times: 12)
        _ = standby.send(.deposit(amount: 1), to: .ada)
        #expect(first.seen == ["ada@1", "ada@2"])
        #expect(second.seen.isEmpty)
        run.cancel()
        _ = standby.send(.deposit(amount: 1), to: .ada)
        stage.advance(by: .seconds(6))
        #expect(second.seen == ["ada@3"])
        #expect(first.seen == ["ada@1", "ada@2"])
        other.cancel()
    }

    // cases 91, 93, 99
    @Test func `a subscription is taken over from a process that has died, with what was not saved`() async throws {
        let (first, second) = (Recorder(), Recorder())
        let stage = try Stage.timed { first.subscription() }
        // It neither saves nor gives its lease back, as if it had been killed.
        stage.store.always(.move) { () throws(EventStoreError) in throw EventStoreError(.closed, "killed") }
        stage.store.always(.releaseLease) { () throws(EventStoreError) in throw EventStoreError(.closed, "killed") }
        stage.store.always(.renewLease) { () throws(EventStoreError) in throw EventStoreError(.closed, "killed") }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        run.cancel()
        #expect(first.seen == ["ada@1"])
        for call in [FaultyStore.Call.move, .releaseLease, .renewLease] { stage.store.always(call, nil) }
        let standby = try stage.other { second.subscription() }
        let other = standby.run()
        stage.advance(by: .seconds(1), times: 14)
        #expect(second.seen.isEmpty)
        stage.advance(by: .seconds(1), times: 3)
        #expect(second.seen == ["ada@1"])
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 1)
        other.cancel()
    }

    /// A process that is stopped for longer than its lease, and goes on as if nothing had happened.
    @Test func `a process that comes back after its lease moves nothing and waits`() async throws {
        let gate = Gate()
        let (zombie, owner) = (Recorder(), Recorder())
        zombie.act { _ in await gate.pass() }
        let stage = try Stage.timed { zombie.subscription() }
        let run = stage.run()
        let renewal = Gate()
        stage.store.hold(.renewLease, at: renewal)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.open(owner: "Bob"), to: .bob)
        let standby = try stage.other { owner.subscription() }
        let other = standby.run()
        stage.advance(by: .seconds(1), times: 20)
        #expect(owner.seen == ["ada@1", "bob@2"])
        let checkpoint = try await stage.store.base.checkpoint(of: "view")
        #expect(checkpoint?.position == 2)
        stage.open(gate)
        stage.open(renewal)
        stage.advance(by: .seconds(1))
        #expect(zombie.seen == ["ada@1"])
        #expect(try await stage.store.base.checkpoint(of: "view") == checkpoint)
        guard case .waiting = stage.activity("view") else {
            Issue.record("\(String(describing: stage.activity("view")))")
            return
        }
        run.cancel()
        other.cancel()
    }

    /// It was stopped between reading and handling, and has not learnt yet that its lease is over.
    @Test func `a process that comes back after its lease asks before it handles anything`() throws {
        let (reading, renewal) = (Gate(), Gate())
        let (zombie, owner) = (Recorder(), Recorder())
        let stage = try Stage.timed { zombie.subscription() }
        let run = stage.run()
        stage.store.after(.readLog) { () throws(EventStoreError) in await reading.pass() }
        stage.store.hold(.renewLease, at: renewal)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let standby = try stage.other { owner.subscription() }
        let other = standby.run()
        stage.advance(by: .seconds(1), times: 20)
        #expect(owner.seen == ["ada@1"])
        stage.open(reading)
        #expect(zombie.seen.isEmpty)
        stage.open(renewal)
        run.cancel()
        other.cancel()
        #expect(run.isOver && other.isOver)
    }

    /// Its lease lasts anew, and is over once more when it hears so.
    @Test func `a process that is stopped while it asks for its lease asks again`() throws {
        let (reading, renewal, answer) = (Gate(), Gate(), Gate())
        let (zombie, owner) = (Recorder(), Recorder())
        let stage = try Stage.timed { zombie.subscription() }
        let run = stage.run()
        stage.store.after(.readLog) { () throws(EventStoreError) in await reading.pass() }
        stage.store.hold(.renewLease, at: renewal)
        stage.store.after(.renewLease) { () throws(EventStoreError) in await answer.pass() }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.advance(by: .seconds(1), times: 20)
        stage.open(reading)
        let standby = try stage.other { owner.subscription() }
        let other = standby.run()
        stage.advance(by: .seconds(1), times: 20)
        #expect(owner.seen == ["ada@1"])
        stage.open(answer)
        #expect(zombie.seen.isEmpty)
        stage.open(renewal)
        run.cancel()
        other.cancel()
        #expect(run.isOver && other.isOver)
    }

    @Test func `a handler is cancelled when its lease is lost`() async throws {
        let recorder = Recorder()
        let stage = try Stage.timed { recorder.subscription() }
        recorder.act { [time = stage.time] _ in try await time.sleep(for: .seconds(1_000)) }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = try await stage.store.base.claimCheckpoint(of: "view")
        _ = try await stage.store.base.acquireLease(on: "view", for: "other", lasting: .seconds(100))
        stage.advance(by: .seconds(5))
        stage.advance(by: .seconds(1))
        guard case .waiting(for: "other") = stage.activity("view") else {
            Issue.record("\(String(describing: stage.activity("view")))")
            return
        }
        #expect(recorder.seen == ["ada@1"])
        run.cancel()
        #expect(run.isOver)
    }

    @Test func `a handler that hangs beyond its timeout loses the subscription to another process`() async throws {
        let gate = Gate()
        let (hanging, sound) = (Recorder(), Recorder())
        hanging.act { _ in await gate.pass() }
        let stage = try Stage.timed {
            Subscription("view", timeout: .seconds(2)) { hanging.accounts }
        }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let standby = try stage.other { sound.subscription() }
        let other = standby.run()
        stage.advance(by: .seconds(1), times: 25)
        #expect(sound.seen == ["ada@1"])
        stage.open(gate)
        run.cancel()
        other.cancel()
        #expect(run.isOver && other.isOver)
    }

    @Test func `an attempt that takes too long is cancelled and tried again`() async throws {
        let recorder = Recorder()
        let stage = try Stage.timed {
            Subscription("view", timeout: .seconds(2)) { recorder.accounts }
        }
        recorder.act { [time = stage.time] _ in
            recorder.act(nil)
            try await time.sleep(for: .seconds(1_000))
        }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.advance(by: .seconds(2))
        #expect(stage.lines(with: "HandlerTimedOut").count == 1)
        stage.advance(by: .seconds(1))
        #expect(recorder.seen == ["ada@1", "ada@1"])
        run.cancel()
    }

    // case 131
    @Test func `a wait looks at the store while another process runs the subscription`() async throws {
        let stage = try Stage.timed { Recorder().subscription() }
        let standby = try stage.other { Recorder().subscription() }
        let bystander = try stage.other {}
        let (run, other) = (stage.run(), standby.run())
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let here = standby.start { [bus = standby.bus] in
            try await bus.wait(for: "view", toReach: 2, within: .seconds(10))
        }
        let there = standby.start { [bus = bystander.bus] in
            try await bus.wait(for: "view", toReach: 2, within: .seconds(10))
        }
        stage.advance(by: .milliseconds(50), times: 3)
        #expect(!here.isOver && !there.isOver)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.advance(by: .milliseconds(50), times: 2)
        #expect(here.isOver && here.error == nil)
        #expect(there.isOver && there.error == nil)
        run.cancel()
        other.cancel()
    }
}
