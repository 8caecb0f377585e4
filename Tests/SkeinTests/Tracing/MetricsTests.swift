import MetricsTestKit
import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct MetricsTests {
    let metrics = TestMetrics()

    @Test func `commands, rejections, repetitions and loads are counted`() throws {
        let stage = try Stage { $0.metrics = metrics }
        let options = CommandOptions(id: .fresh())
        _ = stage.send(.open(owner: "Ada"), to: .ada, options: options)
        _ = stage.send(.open(owner: "Ada"), to: .ada, options: options)
        _ = stage.send(.withdraw(amount: 1), to: .ada)
        _ = stage.send(.withdraw(amount: 1), to: .ada, options: CommandOptions(id: .fresh()))
        #expect(total("skein.commands") == 4)
        #expect(total("skein.commands.rejected") == 2)
        #expect(total("skein.commands.repeated") == 1)
        #expect(total("skein.loads") == 1)
    }

    @Test func `the size and the time of appends and the wait in the mailbox are measured`() throws {
        let stage = try Stage { $0.metrics = metrics }
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        for _ in 0..<3 { _ = stage.send(.deposit(amount: 1), to: .ada) }
        stage.advance(by: .milliseconds(5))
        stage.open(gate)
        #expect(try metrics.expectRecorder("skein.append.commands").values == [1, 3])
        #expect(try metrics.expectTimer("skein.append.duration").values == [5_000_000, 0])
        #expect(try metrics.expectTimer("skein.mailbox.wait").values == [0, 5_000_000, 5_000_000, 5_000_000])
    }

    @Test func `conflicts, overloads, unknown outcomes, quarantines and ignored snapshots are counted`() async throws {
        let stage = try Stage {
            $0.metrics = metrics
            $0.mailboxLimit = 1
            $0.residentLimit = 3
        }
        let base = stage.store.base
        try await base.store(.of("{", to: BankAccount.ID.bob.stream, name: "deposited"))
        _ = stage.send(.touch, to: .bob)
        try await base.save(Snapshot(stream: Tally.ID("x").stream, version: 1, shapeVersion: 0, payload: []))
        _ = stage.send(.add(1), to: Tally.ID("x"))
        stage.store.before(.append) { () throws(EventStoreError) in
            _ = try await base.append(.of(#"{"owner":"Eve"}"#, to: BankAccount.ID.ada.stream, name: "opened"))
        }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.failAfterwards(.append, .outcomeUnknown)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.advance(by: .seconds(1))
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        for _ in 0..<3 { _ = stage.send(.deposit(amount: 1), to: .ada) }
        #expect(total("skein.conflicts") >= 1)
        #expect(total("skein.overloads") == 1)
        #expect(total("skein.outcomes.unknown") == 1)
        #expect(total("skein.quarantines") == 1)
        #expect(total("skein.snapshots.ignored") == 1)
        stage.open(gate)
    }

    @Test func `residents are measured by the running bus`() throws {
        let stage = try Stage {
            $0.metrics = metrics
            $0.residentIdleTime = .seconds(10)
        }
        let run = stage.run()
        for id in ["1", "2"] { _ = stage.send(.touch, to: BankAccount.ID(id)) }
        stage.advance(by: .milliseconds(2_500))
        #expect(try metrics.expectGauge("skein.residents").lastValue == 2)
        stage.advance(by: .milliseconds(2_500), times: 6)
        #expect(try metrics.expectGauge("skein.residents").lastValue == 0)
        run.cancel()
    }

    @Test func `each subscription counts what it handles and tries again, and tells how far it lags`() throws {
        let (good, bad) = (Recorder(), Recorder())
        let stage = try Stage {
            $0.metrics = metrics
        } subscriptions: {
            good.subscription("good")
            bad.subscription("bad")
        }
        bad.act { _ in throw Broken() }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        let run = stage.run()
        stage.advance(by: .seconds(30), times: 10)
        #expect(metrics.counterTotal(label: "skein.subscription.handled", dimensions: [("subscription", "good")]) == 2)
        #expect(metrics.counterTotal(label: "skein.subscription.handled", dimensions: [("subscription", "bad")]) == 0)
        #expect(metrics.counterTotal(label: "skein.subscription.retries", dimensions: [("subscription", "bad")]) == 5)
        #expect(try metrics.expectGauge("skein.subscription.lag", [("subscription", "good")]).lastValue == 0)
        #expect(try metrics.expectGauge("skein.subscription.lag", [("subscription", "bad")]).lastValue == 2)
        run.cancel()
    }

    private func total(_ label: String) -> Int64 { metrics.counterTotal(label: label) }
}
