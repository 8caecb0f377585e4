import Skein
import Testing

/// A subscription that fails stops alone, and says where and why.
@Suite(.timeLimit(.minutes(1))) struct SubscriptionFailureTests {
    // case 109
    @Test func `a handler that fails is tried again with growing waits, then stops at its event`() async throws {
        let (broken, sound) = (Recorder(), Recorder())
        broken.act { text in if text == "ada@2" { throw Broken() } }
        let policy = RetryPolicy(retries: 2, backoff: Backoff(first: .seconds(1), longest: .seconds(60)))
        let stage = try Stage {
            broken.subscription("broken", retry: policy)
            sound.subscription("sound")
        }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        #expect(broken.seen == ["ada@1", "ada@2"])
        stage.advance(by: .milliseconds(999))
        #expect(broken.seen.count == 2)
        stage.advance(by: .milliseconds(1))
        #expect(broken.seen.count == 3)
        stage.advance(by: .milliseconds(1_999))
        #expect(broken.seen.count == 3)
        stage.advance(by: .milliseconds(1))
        #expect(broken.seen.count == 4)
        guard case .stopped(.handlerFailed(let position, let attempts, let error)) = stage.activity("broken") else {
            Issue.record("it has not stopped")
            return
        }
        #expect(position == 2)
        #expect(attempts == 3)
        #expect(error is Broken)
        #expect(try await stage.store.base.checkpoint(of: "broken")?.position == 1)
        #expect(stage.lines(with: "has stopped").count == 1)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.advance(by: .seconds(60))
        #expect(broken.seen.count == 4)
        #expect(sound.seen == ["ada@1", "ada@2", "ada@3"])
        run.cancel()
        #expect(run.isOver)
    }

    @Test func `a handler that fails once goes on after its wait`() throws {
        let recorder = Recorder()
        let stage = try Stage { recorder.subscription() }
        recorder.act { _ in
            recorder.act(nil)
            throw Broken()
        }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.advance(by: .milliseconds(200))
        #expect(recorder.seen == ["ada@1", "ada@1", "ada@2"])
        run.cancel()
    }

    @Test func `an event that cannot be decoded stops at once with its position`() async throws {
        let recorder = Recorder()
        let stage = try Stage { recorder.subscription() }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        try await stage.store.base.store(.of("{", to: BankAccount.ID.bob.stream, name: "deposited"))
        let run = stage.run()
        guard case .stopped(.undecodable(let error)) = stage.activity("view") else {
            Issue.record("it has not stopped")
            return
        }
        #expect(error.position == 2)
        #expect(recorder.seen == ["ada@1"])
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 1)
        run.cancel()
    }

    @Test func `a checkpoint beyond the log stops with both figures`() async throws {
        let recorder = Recorder()
        let stage = try Stage { recorder.subscription() }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let claimed = try await stage.store.base.claimCheckpoint(of: "view")
        _ = try await stage.store.base.move(claimed, to: 7)
        let run = stage.run()
        guard case .stopped(.checkpointBeyondHead(let checkpoint, let head)) = stage.activity("view") else {
            Issue.record("it has not stopped")
            return
        }
        #expect(checkpoint == 7)
        #expect(head == 1)
        #expect(recorder.seen.isEmpty)
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 7)
        run.cancel()
    }

    @Test func `a store that fails for a while is asked again, one that fails for good stops it`() throws {
        let recorder = Recorder()
        let stage = try Stage { recorder.subscription() }
        stage.store.fail(.acquireLease, .transient)
        stage.store.fail(.readLog, .connectionLost, times: 2)
        stage.store.fail(.move, .timeout)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let run = stage.run()
        stage.advance(by: .milliseconds(10), times: 6)
        #expect(recorder.seen == ["ada@1"])
        #expect(stage.store.count(.move) == 2)
        stage.store.fail(.readLog, .corrupt)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        guard case .stopped(.store(let error)) = stage.activity("view") else {
            Issue.record("it has not stopped")
            return
        }
        #expect(error.code == .corrupt)
        run.cancel()
    }

    @Test(arguments: [true, false])
    func `a lost answer to a checkpoint's move is resolved, whether it was moved or not`(isMoved: Bool) async throws {
        let recorder = Recorder()
        let stage = try Stage { recorder.subscription() }
        let run = stage.run()
        if isMoved {
            stage.store.failAfterwards(.move, .outcomeUnknown)
        } else {
            stage.store.fail(.move, .outcomeUnknown)
        }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.advance(by: .seconds(1), times: 3)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.advance(by: .seconds(1), times: 3)
        #expect(recorder.seen == ["ada@1", "ada@2"])
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 2)
        #expect(stage.lines(with: "has stopped").isEmpty)
        run.cancel()
    }

    @Test func `a lost answer to a checkpoint's move, and somebody else's claim, lose the subscription`() async throws {
        let recorder = Recorder()
        let stage = try Stage { recorder.subscription() }
        let run = stage.run()
        stage.store.before(.move) { [store = stage.store.base] () throws(EventStoreError) in
            _ = try await store.claimCheckpoint(of: "view")
            throw EventStoreError(.outcomeUnknown, "as the test wants")
        }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(recorder.seen == ["ada@1"])
        #expect(stage.lines(with: "was lost to another process").count == 1)
        // Nobody has it: it is taken again, and what was not saved comes again.
        stage.advance(by: .seconds(1))
        #expect(recorder.seen == ["ada@1", "ada@1"])
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 1)
        run.cancel()
    }

    @Test func `subscriptions that break a rule are refused at the start`() throws {
        let recorder = Recorder()
        let declared: [[Subscription]] = [
            [recorder.subscription("view"), recorder.subscription("view")], [recorder.subscription("")],
            [recorder.subscription("a\nb")], [Subscription("view") {}],
            [
                Subscription("view") {
                    recorder.accounts
                    recorder.accounts
                }
            ],
            [recorder.subscription("view#0/2")], [Subscription("view", partitions: 0) { recorder.accounts }],
            [Subscription("view", batches: BatchSize(0)) { recorder.accounts }],
            [Subscription("view") { On.batch(BankAccount.self) { _ in } }],
            [Subscription("view", from: .position(-1)) { recorder.accounts }],
            [Subscription("view", timeout: .zero) { recorder.accounts }],
            [
                Subscription("view", durability: .ephemeral, failure: FailurePolicy(then: .park)) {
                    recorder.accounts
                }
            ],
            [
                Subscription("view") {
                    recorder.accounts
                    On.every { _ in }
                }
            ],
        ]
        for subscriptions in declared {
            let stage = try Stage { subscriptions }
            let run = stage.run()
            #expect(run.error is InvalidInput)
            #expect(stage.store.count(.acquireLease) == 0)
        }
    }
}

extension Stage {
    /// What a subscription is doing.
    func activity(_ name: String) -> SubscriptionStatus.Activity? {
        bus.router.statuses.first { $0.name == name }?.activity
    }
}
