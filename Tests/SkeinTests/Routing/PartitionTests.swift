import Skein
import Synchronization
import Testing

/// Parts of one subscription run beside each other, each aggregate in order.
@Suite(.timeLimit(.minutes(1))) struct PartitionTests {
    private func parted(_ recorder: Recorder, _ count: Int) -> Subscription {
        Subscription("view", partitions: count, failure: FailurePolicy(retry: .stopAtOnce, then: .park)) {
            recorder.accounts
        }
    }

    private func open(_ stage: Stage, _ numbers: ClosedRange<Int>) {
        for number in numbers { _ = stage.send(.open(owner: ""), to: BankAccount.ID("\(number)")) }
    }

    // cases 97, 113
    @Test func `each event is handled once, those of an aggregate in order`() throws {
        let recorder = Recorder()
        let stage = try Stage.timed { parted(recorder, 4) }
        open(stage, 1...20)
        let run = stage.run()
        for number in 1...20 { _ = stage.send(.deposit(amount: 1), to: BankAccount.ID("\(number)")) }
        #expect(recorder.seen.count == 40)
        for number in 1...20 {
            #expect(
                recorder.seen.filter { $0.hasPrefix("\(number)@") } == [
                    "\(number)@\(number)", "\(number)@\(number + 20)",
                ]
            )
        }
        #expect(stage.bus.router.statuses[0].position == 40)
        #expect(stage.bus.router.statuses[0].partitions.count == 4)
        run.cancel()
    }

    @Test func `an aggregate that is slow holds up only its own partition`() throws {
        let (gate, recorder) = (Gate(), Recorder())
        recorder.act { text in if text == "1@1" { await gate.pass() } }
        let stage = try Stage.timed { parted(recorder, 4) }
        let run = stage.run()
        open(stage, 1...20)
        #expect((2..<20).contains(recorder.seen.count))
        let wait = stage.start { [bus = stage.bus] in
            try await bus.wait(for: "view", toReach: 20, within: .seconds(1))
        }
        #expect(!wait.isOver)
        stage.open(gate)
        #expect(recorder.seen.count == 20)
        #expect(wait.isOver && wait.error == nil)
        run.cancel()
    }

    // cases 93, 99
    @Test func `a process takes over all partitions when the other ends`() throws {
        let (first, second) = (Recorder(), Recorder())
        let stage = try Stage.timed { parted(first, 4) }
        let other = try stage.other { parted(second, 4) }
        let run = stage.run()
        let standby = other.run()
        open(stage, 1...8)
        #expect(first.seen.count == 8)
        run.cancel()
        stage.advance(by: .seconds(6))
        open(other, 9...16)
        #expect(second.seen.count == 8)
        standby.cancel()
    }

    @Test(arguments: [(1, 4), (4, 1), (4, 3)])
    func `with another number of partitions the new ones begin where the last of the old ones was`(
        _ before: Int,
        _ after: Int
    ) async throws {
        let (first, second) = (Recorder(), Recorder())
        first.act { text in if text == "3@3" { throw Broken() } }
        let stage = try Stage.timed { parted(first, before) }
        let run = stage.run()
        open(stage, 1...20)
        run.cancel()
        #expect(first.seen.count == 20)
        let other = try stage.other { parted(second, after) }
        let again = other.run()
        #expect(second.seen.isEmpty)
        open(other, 21...40)
        #expect(second.seen.count == 20)
        // What was parked goes along.
        #expect(try await other.bus.parkedEvents(of: "view").map(\.position) == [3])
        _ = other.send(.deposit(amount: 1), to: BankAccount.ID("3"))
        #expect(second.seen.count == 20)
        _ = other.start { [bus = other.bus] in try await bus.retryParked(of: "view") }
        #expect(second.seen.suffix(2) == ["3@3", "3@41"])
        #expect(try await other.bus.parkedEvents(of: "view").isEmpty)
        again.cancel()
    }

    @Test func `a process with the old number of partitions stops when another has changed it`() async throws {
        let (old, new) = (Recorder(), Recorder())
        let stage = try Stage.timed { parted(old, 1) }
        let run = stage.run()
        open(stage, 1...5)
        let other = try stage.other { parted(new, 2) }
        let second = other.run()
        open(stage, 6...10)
        stage.advance(by: .seconds(1), times: 40)
        guard case .stopped(.partitionsChanged(to: 2)) = stage.activity("view") else {
            Issue.record("\(String(describing: stage.activity("view")))")
            return
        }
        open(stage, 11...15)
        #expect(Set(new.seen).isSuperset(of: (6...15).map { "\($0)@\($0)" }))
        #expect(!old.seen.contains("11@11"))
        run.cancel()
        second.cancel()
    }
}
