import ServiceLifecycle
import ServiceLifecycleTestKit
import Skein
import Synchronization
import Testing

/// `run()` owns every task; when it returns, nothing is running.
@Suite(.timeLimit(.minutes(1))) struct LifecycleTests {
    @Test func `cancelling ends everything, and a handler is cancelled with the bus`() throws {
        let recorder = Recorder()
        let wasCancelled = Mutex(false)
        let stage = try Stage { recorder.subscription() }
        recorder.act { [time = stage.time] _ in
            do {
                try await time.sleep(for: .seconds(3_600))
            } catch {
                wasCancelled.withLock { $0 = true }
                throw error
            }
        }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(!run.isOver)
        run.cancel()
        #expect(run.isOver)
        #expect(run.error == nil)
        #expect(wasCancelled.withLock { $0 })
        #expect(stage.time.sleeperCount == 0)
        #expect(stage.send(.touch, to: .ada).error == .shuttingDown)
    }

    @Test func `a cancelled handler's event is not done and comes again`() async throws {
        let recorder = Recorder()
        let store = FaultyStore()
        let stage = try Stage(store: store) { recorder.subscription() }
        recorder.act { [time = stage.time] _ in try await time.sleep(for: .seconds(3_600)) }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        run.cancel()
        #expect(run.isOver)
        #expect(try await store.base.checkpoint(of: "view")?.position == 0)
        recorder.act(nil)
        let next = try Stage(store: store) { recorder.subscription() }
        let rerun = next.run()
        #expect(recorder.seen == ["ada@1", "ada@1"])
        rerun.cancel()
    }

    // case 117
    @Test func `a graceful shutdown finishes commands and events in progress and takes no new ones`() async throws {
        let recorder = Recorder()
        let (append, handler) = (Gate(), Gate())
        let stage = try Stage { recorder.subscription() }
        recorder.act { _ in await handler.pass() }
        let (run, trigger) = stage.runGracefully()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.store.hold(.append, at: append)
        let inFlight = stage.send(.deposit(amount: 2), to: .ada)
        let queued = stage.send(.deposit(amount: 3), to: .ada)
        trigger()
        #expect(stage.send(.touch, to: .ada).error == .shuttingDown)
        #expect(stage.state(of: .ada) == nil)
        #expect(!run.isOver)
        stage.open(append)
        #expect(inFlight.value?.version == 3)
        #expect(queued.value?.version == 4)
        #expect(!run.isOver)
        stage.open(handler)
        #expect(run.isOver)
        #expect(run.error == nil)
        // The event that was being handled is done, later ones wait for the next run.
        #expect(recorder.seen == ["ada@1"])
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 1)
        #expect(stage.time.sleeperCount == 0)
    }

    @Test func `a graceful shutdown waits for a command although no handler is busy`() throws {
        let stage = try Stage()
        let gate = Gate()
        let (run, trigger) = stage.runGracefully()
        stage.store.hold(.append, at: gate)
        let inFlight = stage.send(.open(owner: "Ada"), to: .ada)
        trigger()
        #expect(!run.isOver)
        stage.open(gate)
        #expect(inFlight.value?.version == 1)
        #expect(run.isOver)
        #expect(run.error == nil)
    }

    @Test func `what is not done in time is cancelled and named`() throws {
        let recorder = Recorder()
        let append = Gate()
        let stage = try Stage {
            $0.shutdownTimeout = .seconds(30)
        } subscriptions: {
            recorder.subscription("slow")
            Recorder().subscription("quick")
        }
        recorder.act { [time = stage.time] _ in try await time.sleep(for: .seconds(3_600)) }
        let (run, trigger) = stage.runGracefully()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.hold(.append, at: append)
        let inFlight = stage.send(.deposit(amount: 2), to: .ada)
        trigger()
        stage.advance(by: .milliseconds(29_999))
        #expect(!run.isOver)
        stage.advance(by: .milliseconds(1))
        let left = try #require(run.error as? ShutdownIncomplete)
        #expect(left.commands == 1)
        #expect(left.subscriptions == ["slow"])
        #expect(stage.lines(with: "work left over").count == 1)
        stage.open(append)
        #expect(inFlight.value?.version == 2)
    }

    @Test func `a failed event is not tried again during a shutdown`() throws {
        let recorder = Recorder()
        let stage = try Stage { recorder.subscription() }
        recorder.act { _ in throw Broken() }
        let (run, trigger) = stage.runGracefully()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        trigger()
        #expect(run.isOver)
        #expect(recorder.seen.count == 1)
    }

    @Test func `a shutdown with nothing to do is over at once`() throws {
        let stage = try Stage()
        let (run, trigger) = stage.runGracefully()
        #expect(!run.isOver)
        trigger()
        #expect(run.isOver)
        #expect(run.error == nil)
    }

    @Test func `a bus runs once`() throws {
        let stage = try Stage()
        let run = stage.run()
        #expect(stage.run().error is BusAlreadyRan)
        #expect(stage.send(.touch, to: .ada).value != nil)
        run.cancel()
        #expect(stage.run().error is BusAlreadyRan)
    }

    // case 65
    @Test func `a bus that has stopped says so`() throws {
        let stage = try Stage()
        let run = stage.run()
        run.cancel()
        #expect(run.isOver)
        #expect(stage.send(.open(owner: "Ada"), to: .ada).error == .shuttingDown)
        #expect(stage.store.count(.append) == 0)
    }

    @Test func `a subscription rests when the bus does not run`() throws {
        let stage = try Stage { Recorder().subscription() }
        #expect(stage.activity("view").map { "\($0)" } == "idle")
        let run = stage.run()
        #expect(stage.activity("view").map { "\($0)" } == "running")
        run.cancel()
        #expect(stage.activity("view").map { "\($0)" } == "idle")
    }
}

extension Stage {
    /// Runs the bus; the second value asks it to shut down gracefully.
    fileprivate func runGracefully() -> (Running<Void, any Error>, () -> Void) {
        let stop = Gate()
        let run = start { [bus] in
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        await stop.pass()
                        trigger.triggerGracefulShutdown()
                    }
                    // Opened at the end in any case, for a gate heeds no cancellation.
                    defer { stop.open() }
                    try await bus.run()
                }
            }
        }
        return (run, { open(stop) })
    }
}
