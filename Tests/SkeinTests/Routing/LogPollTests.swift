import Testing

@testable import Skein

struct LogPollTests {
    private let recorder = Recorder()

    /// A bus that no commit is signalled to.
    private func silentStage() throws -> Stage {
        let time = ManualTime()
        let store = FaultyStore(InMemoryEventStore(time: time), isSilent: true)
        return try Stage(store: store, time: time) { recorder.subscription() }
    }

    @Test func `a poll that finds nothing new costs one question and no reading`() throws {
        let stage = try silentStage()
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.advance(by: .seconds(1))
        #expect(recorder.seen == ["ada@1"])
        let (reads, heads) = (stage.store.count(.readLog), stage.store.count(.head))
        stage.advance(by: .seconds(1), times: 3)
        #expect(stage.store.count(.readLog) == reads)
        #expect(stage.store.count(.head) == heads + 3)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.advance(by: .seconds(1))
        #expect(recorder.seen == ["ada@1", "ada@2"])
        run.cancel()
    }

    @Test func `requests are looked for every five polls, though nothing is stored`() throws {
        let stage = try silentStage()
        let run = stage.run()
        for _ in 0..<2 {
            let looks = stage.store.count(.notes)
            stage.advance(by: .seconds(1), times: 4)
            #expect(stage.store.count(.notes) == looks)
            stage.advance(by: .seconds(1))
            #expect(stage.store.count(.notes) == looks + 1)
        }
        run.cancel()
    }

    @Test func `a paused subscription is looked after at each poll`() throws {
        let stage = try silentStage()
        let other = try stage.other {}
        let run = stage.run()
        _ = stage.start { [bus = other.bus] in try await bus.pause("view") }
        stage.advance(by: .seconds(1), times: 5)
        #expect(stage.activity("view").map { "\($0)" } == "paused")
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.start { [bus = other.bus] in try await bus.resume("view") }
        stage.advance(by: .seconds(1))
        #expect(recorder.seen == ["ada@1"])
        run.cancel()
    }

    @Test func `a poll that gets no answer is made up for by the next`() throws {
        let stage = try silentStage()
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.fail(.head, .transient)
        stage.advance(by: .seconds(1))
        #expect(recorder.seen.isEmpty)
        stage.advance(by: .seconds(1))
        #expect(recorder.seen == ["ada@1"])
        run.cancel()
    }

    @Test func `who runs nothing asks for nothing`() throws {
        let stage = try silentStage()
        let run = stage.run()
        let standby = try stage.other { recorder.subscription() }
        let waiting = standby.run()
        let heads = stage.store.count(.head)
        stage.advance(by: .seconds(1), times: 3)
        #expect(stage.store.count(.head) == heads + 3)
        run.cancel()
        waiting.cancel()
    }
}
