import Skein
import Testing

/// An event that cannot be handled waits aside with those behind it, and all others go on.
@Suite(.timeLimit(.minutes(1))) struct ParkingTests {
    private static let atOnce = FailurePolicy(retry: .stopAtOnce, then: .park)

    private func stage(_ recorder: Recorder, _ failure: FailurePolicy = atOnce) throws -> Stage {
        try Stage.timed { Subscription("view", failure: failure) { recorder.accounts } }
    }

    @Test func `later events of a parked aggregate wait behind it, those of others are handled`() async throws {
        let recorder = Recorder()
        recorder.act { text in if text == "ada@1" { throw Broken() } }
        let stage = try stage(recorder)
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.open(owner: "Bob"), to: .bob)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        _ = stage.send(.deposit(amount: 1), to: .bob)
        #expect(recorder.seen == ["ada@1", "bob@2", "bob@4"])
        let parked = try await stage.bus.parkedEvents(of: "view")
        #expect(parked.map(\.position) == [1, 3])
        #expect(parked.map(\.isWaiting) == [false, true])
        #expect(parked.map(\.attempts) == [1, 0])
        #expect(parked.map(\.name) == ["opened", "deposited"])
        #expect(parked.map(\.reason) == ["Broken()", ""])
        #expect(parked.allSatisfy { $0.stream == BankAccount.ID.ada.stream })
        #expect(parked.allSatisfy { $0.parkedAt == stage.time.now() })
        #expect(stage.bus.router.statuses[0].parked == 2)
        #expect(stage.bus.router.statuses[0].position == 4)
        stage.advance(by: .milliseconds(50))
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 4)
        run.cancel()
        // It is known after a restart.
        recorder.act(nil)
        let again = try stage.other { Subscription("view", failure: Self.atOnce) { recorder.accounts } }
        let second = again.run()
        _ = again.send(.deposit(amount: 1), to: .ada)
        #expect(recorder.seen == ["ada@1", "bob@2", "bob@4"])
        #expect(try await again.bus.parkedEvents(of: "view").map(\.position) == [1, 3, 5])
        second.cancel()
    }

    @Test func `a parked event is listed at once, while others are still handled`() async throws {
        let (gate, recorder) = (Gate(), Recorder())
        recorder.act { text in
            guard text == "bob@2" else { throw Broken() }
            await gate.pass()
        }
        let stage = try stage(recorder)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.open(owner: "Bob"), to: .bob)
        let run = stage.run()
        #expect(recorder.seen == ["ada@1", "bob@2"])
        #expect(try await stage.bus.parkedEvents(of: "view").map(\.position) == [1])
        stage.open(gate)
        run.cancel()
    }

    @Test func `a retry handles the events of the aggregate in order, and then it is as any other`() async throws {
        let recorder = Recorder()
        recorder.act { text in if text == "ada@1" { throw Broken() } }
        let stage = try stage(recorder)
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        for _ in 0..<2 { _ = stage.send(.deposit(amount: 1), to: .ada) }
        // It fails again, counts on, and what waits behind it is not touched.
        _ = stage.start { [bus = stage.bus] in try await bus.retryParked(of: "view") }
        #expect(recorder.seen == ["ada@1", "ada@1"])
        #expect(try await stage.bus.parkedEvents(of: "view").map(\.attempts) == [2, 0, 0])
        recorder.act(nil)
        let asked = stage.start { [bus = stage.bus] in try await bus.retryParked(.ada, of: "view") }
        #expect(asked.value == true)
        #expect(recorder.seen == ["ada@1", "ada@1", "ada@1", "ada@2", "ada@3"])
        #expect(try await stage.bus.parkedEvents(of: "view").isEmpty)
        #expect(stage.bus.router.statuses[0].parked == 0)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        #expect(recorder.seen.last == "ada@4")
        let none = stage.start { [bus = stage.bus] in try await bus.retryParked(.ada, of: "view") }
        #expect(none.value == false)
        run.cancel()
    }

    @Test func `a parked event is dropped, and those behind it can be retried, from another process too`() async throws
    {
        let recorder = Recorder()
        recorder.act { text in if text == "ada@1" { throw Broken() } }
        let stage = try stage(recorder)
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        let bystander = try stage.other {}
        #expect(try await bystander.bus.dropParked(at: 1, of: "view"))
        #expect(try await !bystander.bus.dropParked(at: 7, of: "view"))
        #expect(try await bystander.bus.retryParked(of: "view") == 1)
        #expect(recorder.seen == ["ada@1"])
        stage.advance(by: .seconds(1))
        #expect(recorder.seen == ["ada@1", "ada@2"])
        #expect(try await bystander.bus.parkedEvents(of: "view").isEmpty)
        run.cancel()
    }

    @Test func `an event that cannot be decoded is parked without another attempt`() async throws {
        let recorder = Recorder()
        let stage = try stage(recorder, FailurePolicy(then: .park))
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        try await stage.store.base.store(.of("{", to: BankAccount.ID.bob.stream, name: "deposited"))
        _ = stage.send(.deposit(amount: 1), to: .ada)
        let run = stage.run()
        #expect(recorder.seen == ["ada@1", "ada@3"])
        let parked = try await stage.bus.parkedEvents(of: "view")
        #expect(parked.map(\.position) == [2])
        #expect(parked.first?.reason.contains("undecodable") == true)
        run.cancel()
    }

    @Test func `more parked aggregates than are allowed stop the subscription with the limit`() async throws {
        let recorder = Recorder()
        recorder.act { _ in throw Broken() }
        let stage = try Stage.timed {
            $0.parkedStreamLimit = 2
        } subscriptions: {
            Subscription("view", failure: Self.atOnce) { recorder.accounts }
        }
        let run = stage.run()
        for name in ["a", "b", "c"] { _ = stage.send(.open(owner: name), to: BankAccount.ID(name)) }
        guard case .stopped(.tooManyParked(limit: 2)) = stage.activity("view") else {
            Issue.record("\(String(describing: stage.activity("view")))")
            return
        }
        #expect(try await stage.bus.parkedEvents(of: "view").count == 2)
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 2)
        run.cancel()
    }

    // case 109
    @Test func `an event is skipped after its last retry, and an error that is not worth it is not retried`() throws {
        let recorder = Recorder()
        recorder.act { text in if text == "ada@1" { throw Broken() } }
        let retry = RetryPolicy(
            retries: 9,
            backoff: Backoff(first: .seconds(1), longest: .seconds(1)),
            when: { !($0 is Broken) }
        )
        let stage = try stage(recorder, FailurePolicy(retry: retry, then: .skip))
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        #expect(recorder.seen == ["ada@1", "ada@2"])
        #expect(stage.lines(with: "was skipped").count == 1)
        run.cancel()
    }

    /// The process is killed in the midst of an event: neither its move nor its release arrives. The event is one of the
    /// first behind the checkpoint, or far beyond it.
    @Test(arguments: [2, 500])
    func `an event that kills its process is parked when its attempts are used up`(position: Int) async throws {
        let recorder = Recorder()
        let policy = FailurePolicy(
            retry: RetryPolicy(retries: 1, backoff: Backoff(first: .zero, longest: .zero)),
            then: .park
        )
        let declare = { Subscription("view", failure: policy) { recorder.accounts } }
        let stage = try Stage.timed { declare() }
        for number in 1...520 {
            try await stage.store.base.store(
                .of("{\"owner\":\"\"}", to: BankAccount.ID("\(number)").stream, name: "opened")
            )
        }
        let poison = "\(position)@\(position)"
        for life in 1...3 {
            let next = try stage.other { declare() }
            recorder.act { [store = stage.store, time = stage.time] text in
                guard text == poison else { return }
                for call in [FaultyStore.Call.move, .releaseLease] {
                    store.always(call) { () throws(EventStoreError) in throw EventStoreError(.closed, "killed") }
                }
                try await time.sleep(for: .seconds(1_000))
            }
            let run = next.run()
            run.cancel()
            for call in [FaultyStore.Call.move, .releaseLease] { stage.store.always(call, nil) }
            stage.advance(by: .seconds(20))
            #expect(recorder.seen.count { $0 == poison } == life)
        }
        let last = try stage.other { declare() }
        let run = last.run()
        #expect(recorder.seen.count { $0 == poison } == 3)
        #expect(recorder.seen.suffix(2) == ["519@519", "520@520"])
        let parked = try await last.bus.parkedEvents(of: "view")
        #expect(parked.map(\.position) == [Int64(position)])
        #expect(parked.first?.reason.contains("HandlerDidNotReturn") == true)
        #expect(try await stage.store.base.notes(of: "view", topic: "attempt", from: 0, limit: 9).isEmpty)
        run.cancel()
    }
}
