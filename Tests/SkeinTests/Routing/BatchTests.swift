import Skein
import Synchronization
import Testing

/// Events that are handled many at a time.
@Suite(.timeLimit(.minutes(1))) struct BatchTests {
    /// Notes batches as `1-4`, and fails on those that hold a certain position.
    private final class Batches: Sendable {
        private let state = Mutex<(seen: [String], poison: Int64?)>(([], nil))
        var seen: [String] { state.withLock { $0.seen } }

        func poison(_ position: Int64?) {
            state.withLock { $0.poison = position }
        }

        var route: On {
            On.batch(BankAccount.self) { events in
                let isBad = self.state.withLock { state in
                    let positions = events.map(\.position)
                    state.seen.append("\(positions[0])-\(positions[positions.count - 1])")
                    return state.poison.map(positions.contains) ?? false
                }
                if isBad { throw Broken() }
            }
        }
    }

    private func fill(_ stage: Stage, _ count: Int) {
        for number in 1...count { _ = stage.send(.open(owner: ""), to: BankAccount.ID("\(number)")) }
    }

    @Test func `catching up takes full batches, and the rest at the end`() throws {
        let batches = Batches()
        let stage = try Stage.timed { Subscription("view", batches: BatchSize(4)) { batches.route } }
        fill(stage, 10)
        let run = stage.run()
        #expect(batches.seen == ["1-4", "5-8", "9-10"])
        #expect(stage.bus.router.statuses[0].position == 10)
        run.cancel()
    }

    @Test func `a batch that is not full waits for its time or for more`() throws {
        let batches = Batches()
        let stage = try Stage.timed {
            Subscription("view", batches: BatchSize(3, within: .milliseconds(50))) { batches.route }
        }
        let run = stage.run()
        _ = stage.send(.open(owner: ""), to: .ada)
        #expect(batches.seen.isEmpty)
        stage.advance(by: .milliseconds(49))
        #expect(batches.seen.isEmpty)
        stage.advance(by: .milliseconds(1))
        #expect(batches.seen == ["1-1"])
        fill(stage, 3)
        #expect(batches.seen == ["1-1", "2-4"])
        run.cancel()
    }

    @Test func `an event of another route ends a batch, so that their order is kept`() throws {
        let (batches, recorder) = (Batches(), Recorder())
        let stage = try Stage.timed {
            Subscription("view", batches: BatchSize(10)) {
                batches.route
                recorder.thermometers
            }
        }
        fill(stage, 2)
        _ = stage.send(.fill(count: 1), to: Thermometer.ID("garden"))
        _ = stage.send(.deposit(amount: 1), to: BankAccount.ID("1"))
        let run = stage.run()
        #expect(batches.seen == ["1-2", "4-4"])
        #expect(recorder.seen == ["garden@3"])
        run.cancel()
    }

    // case 115
    @Test func `a batch that fails is split down to the bad event, which is parked; the others are handled once`()
        async throws
    {
        let batches = Batches()
        batches.poison(6)
        let stage = try Stage.timed {
            Subscription("view", batches: BatchSize(8), failure: FailurePolicy(retry: .stopAtOnce, then: .park)) {
                batches.route
            }
        }
        fill(stage, 8)
        let run = stage.run()
        #expect(batches.seen == ["1-8", "1-4", "5-8", "5-6", "5-5", "6-7", "6-6", "7-8"])
        #expect(try await stage.bus.parkedEvents(of: "view").map(\.position) == [6])
        stage.advance(by: .milliseconds(50))
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 8)
        run.cancel()
    }

    @Test func `a bad event in a batch is tried again alone before the subscription stops at it`() async throws {
        let batches = Batches()
        batches.poison(2)
        let retry = RetryPolicy(retries: 2, backoff: Backoff(first: .zero, longest: .zero))
        let stage = try Stage.timed {
            Subscription("view", batches: BatchSize(2), failure: FailurePolicy(retry: retry)) { batches.route }
        }
        fill(stage, 3)
        let run = stage.run()
        stage.advance(by: .milliseconds(1))
        #expect(batches.seen == ["1-2", "1-1", "2-3", "2-2", "2-2", "2-2"])
        guard case .stopped(.handlerFailed(position: 2, attempts: 3, _)) = stage.activity("view") else {
            Issue.record("\(String(describing: stage.activity("view")))")
            return
        }
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 1)
        batches.poison(nil)
        _ = stage.start { [bus = stage.bus] in try await bus.resume("view") }
        #expect(batches.seen.last == "2-3")
        run.cancel()
    }
}
