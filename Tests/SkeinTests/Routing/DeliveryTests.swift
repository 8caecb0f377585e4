import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct DeliveryTests {
    @Test func `events are delivered in order, those from before the start and those that come`() throws {
        let recorder = Recorder()
        let stage = try Stage { recorder.subscription() }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.open(owner: "Bob"), to: .bob)
        #expect(recorder.seen.isEmpty)
        let run = stage.run()
        #expect(recorder.seen == ["ada@1", "bob@2"])
        _ = stage.send(.deposit(amount: 1), to: .ada)
        #expect(recorder.seen == ["ada@1", "bob@2", "ada@3"])
        run.cancel()
        #expect(run.isOver)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        #expect(recorder.seen.count == 3)
    }

    @Test func `events of several aggregate types come in their common order`() throws {
        let recorder = Recorder()
        let stage = try Stage {
            Subscription("both") {
                recorder.accounts
                recorder.thermometers
            }
        }
        let run = stage.run()
        let garden = Thermometer.ID("garden")
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.fill(count: 2), to: garden)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        #expect(recorder.seen == ["ada@1", "garden@2", "garden@3", "ada@4"])
        run.cancel()
    }

    @Test func `a handler gets everything that was stored with the event`() async throws {
        let handler = KeepingHandler()
        let stage = try Stage { Subscription("view", handler) }
        let run = stage.run()
        let receipt = try #require(
            stage.send(.open(owner: "Ada"), to: .ada, options: CommandOptions(metadata: ["tenant": "7"])).value
        )
        let stored = try await stage.store.base.log()[0]
        let event = try #require(await handler.events.first)
        #expect(event.event == .opened(owner: "Ada"))
        #expect(event.aggregateID == .ada)
        #expect(event.version == 1)
        #expect(event.position == 1)
        #expect(event.id == stored.id)
        #expect(event.commandID == receipt.commandID)
        #expect(event.metadata == stored.metadata)
        #expect(event.metadata["tenant"] == "7")
        #expect(event.recordedAt == stored.recordedAt)
        run.cancel()
    }

    @Test func `where the log ends the checkpoint is saved at once, and then once in a while`() async throws {
        let recorder = Recorder()
        let stage = try Stage.timed { recorder.subscription("view") }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 1)
        for step in 1...9 {
            stage.advance(by: .milliseconds(5))
            _ = stage.send(.deposit(amount: step), to: .ada)
        }
        #expect(recorder.seen.last == "ada@10")
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 1)
        stage.advance(by: .milliseconds(5))
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 10)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 10)
        run.cancel()
        #expect(run.isOver)
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 11)
    }

    // case 93
    @Test func `a durable subscription goes on where it was, an ephemeral one starts over`() async throws {
        let store = FaultyStore()
        let recorders = [Recorder(), Recorder()]
        for round in 1...2 {
            let stage = try Stage(store: store) {
                recorders[0].subscription("durable")
                recorders[1].subscription("ephemeral", durability: .ephemeral)
            }
            let run = stage.run()
            _ = stage.send(.open(owner: "\(round)"), to: BankAccount.ID("\(round)"))
            run.cancel()
            #expect(run.isOver)
        }
        #expect(recorders[0].seen == ["1@1", "2@2"])
        #expect(recorders[1].seen == ["1@1", "1@1", "2@2"])
        #expect(try await store.base.checkpoint(of: "durable")?.position == 2)
        #expect(try await store.base.checkpoint(of: "ephemeral") == nil)
    }

    // cases 95, 107
    @Test func `events that are filtered out move the checkpoint`() async throws {
        let recorder = Recorder()
        let stage = try Stage { recorder.subscription() }
        let run = stage.run()
        _ = stage.send(.fill(count: 600), to: Thermometer.ID("garden"))
        #expect(recorder.seen.isEmpty)
        #expect(stage.bus.router.statuses.map(\.position) == [600])
        #expect(try await stage.store.base.checkpoint(of: "view")?.position == 600)
        run.cancel()
    }

    // case 87
    @Test func `a slow handler holds up neither commands nor other subscriptions, and a page is all it keeps`() throws {
        let gate = Gate()
        let (slow, quick) = (Recorder(), Recorder())
        slow.act { _ in await gate.pass() }
        let stage = try Stage {
            $0.subscriptionBuffer = 4
        } subscriptions: {
            slow.subscription("slow")
            quick.subscription("quick")
        }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let reads = stage.store.count(.readLog)
        for _ in 0..<40 { #expect(stage.send(.deposit(amount: 1), to: .ada).value != nil) }
        #expect(slow.seen.count == 1)
        #expect(quick.seen.count == 41)
        // The slow one has not read on.
        #expect(stage.store.count(.readLog) - reads <= 41)
        stage.open(gate)
        #expect(slow.seen == quick.seen)
        #expect(stage.store.largestPage <= 4)
        run.cancel()
    }

    @Test func `a lost signal is made good by looking now and then`() async throws {
        let recorder = Recorder()
        let time = ManualTime()
        let stage = try Stage(store: FaultyStore(isSilent: true), time: time) { recorder.subscription() }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(recorder.seen.isEmpty)
        stage.advance(by: .seconds(1))
        #expect(recorder.seen == ["ada@1"])
        run.cancel()
    }

    @Test func `a checkpoint is saved at the end of the log and in between when it is due`() async throws {
        let recorder = Recorder()
        let stage = try Stage {
            $0.subscriptionBuffer = 2
        } subscriptions: {
            recorder.subscription()
        }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        for _ in 0..<9 { _ = stage.send(.deposit(amount: 1), to: .ada) }
        let run = stage.run()
        // Ten events in five pages within no time: one checkpoint, at the end.
        #expect(recorder.seen.count == 10)
        #expect(stage.store.count(.move) == 1)
        // Each event takes half of the interval.
        recorder.act { [time = stage.time] _ in time.advance(by: .milliseconds(125)) }
        let gate = Gate()
        stage.store.hold(.readLog, at: gate)
        for _ in 0..<8 { _ = stage.send(.deposit(amount: 1), to: .ada) }
        stage.open(gate)
        #expect(recorder.seen.count == 18)
        #expect(stage.store.count(.move) == 1 + 4)
        run.cancel()
    }

    // case 59
    @Test func `commands from inside a handler carry the correlation on and name the event as their cause`()
        async throws
    {
        let echo = Recorder()
        let stage = try Stage { echo.subscription() }
        echo.act { [bus = stage.bus] text in
            if text.hasPrefix("ada") { try await bus.send(.open(owner: "echo"), to: .bob) }
        }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let events = try await stage.store.base.log()
        #expect(events.map(\.stream.id) == ["ada", "bob"])
        #expect(events[1].metadata.correlationID == events[0].metadata.correlationID)
        #expect(events[1].metadata.causationID == CausationID(events[0].id))
        run.cancel()
    }
}

private actor KeepingHandler: EventHandler {
    var events: [RecordedEvent<BankAccount>] = []
    func handle(_ event: RecordedEvent<BankAccount>) async throws { events.append(event) }
}
