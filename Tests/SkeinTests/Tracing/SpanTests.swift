import InMemoryTracing
import Skein
import Testing
import Tracing

@Suite(.timeLimit(.minutes(1))) struct SpanTests {
    let tracer = InMemoryTracer()

    @Test func `waiting, loading, deciding and appending are parts of sending`() throws {
        let stage = try Stage { $0.tracer = tracer }
        let receipt = try #require(stage.send(.open(owner: "Ada"), to: .ada).value)
        let spans = tracer.finishedSpans
        #expect(
            Set(spans.map(\.operationName)) == [
                "skein.send", "skein.wait", "skein.load", "skein.decide", "skein.append",
            ]
        )
        #expect(spans.count == 5)
        let send = try #require(spans.named("skein.send").first)
        #expect(send.parentSpanID == nil)
        #expect(send.attributes.get("skein.aggregate") == .string("BankAccount"))
        #expect(send.attributes.get("skein.aggregate.id") == .string("ada"))
        #expect(send.attributes.get("skein.command") == .string("open"))
        #expect(send.attributes.get("skein.command.id") == .string("\(receipt.commandID)"))
        #expect(send.attributes.get("skein.version") == .int64(1))
        for span in spans where span.operationName != "skein.send" {
            #expect(span.parentSpanID == send.spanID, "\(span.operationName)")
            #expect(span.traceID == send.traceID)
        }
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test func `sending is a part of what the sender is doing, for each of a group its own`() throws {
        let stage = try Stage { $0.tracer = tracer }
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        for name in ["one", "two"] {
            _ = stage.start { [bus = stage.bus, tracer] in
                try await tracer.withSpan(name) { _ in try await bus.send(.deposit(amount: 1), to: .ada) }
            }
        }
        stage.open(gate)
        let spans = tracer.finishedSpans
        for name in ["one", "two"] {
            let outer = try #require(spans.named(name).first)
            let send = try #require(spans.first { $0.operationName == "skein.send" && $0.traceID == outer.traceID })
            #expect(send.parentSpanID == outer.spanID)
            let parts = spans.filter { $0.parentSpanID == send.spanID }.map(\.operationName)
            #expect(parts.contains("skein.decide") && parts.contains("skein.wait"))
        }
        let append = try #require(spans.named("skein.append").last)
        #expect(append.attributes.get("skein.commands") == .int64(2))
        #expect(append.attributes.get("skein.events") == .int64(2))
        #expect(append.traceID == spans.named("one").first?.traceID)
        #expect(tracer.activeSpans.isEmpty)
    }

    @Test func `an append is a part of a command also when a read goes first`() throws {
        let stage = try Stage { $0.tracer = tracer }
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.start { [bus = stage.bus] in _ = try await bus.state(of: BankAccount.ID.ada) }
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.open(gate)
        let sends = tracer.finishedSpans.named("skein.send").map(\.spanID)
        #expect(tracer.finishedSpans.named("skein.append").map(\.parentSpanID) == sends)
    }

    @Test func `errors are on the spans that they end`() throws {
        let stage = try Stage { $0.tracer = tracer }
        _ = stage.send(.deposit(amount: 1), to: .ada)
        stage.store.fail(.append, .full)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let sends = tracer.finishedSpans.named("skein.send")
        #expect(sends.map(\.errors.count) == [1, 1])
        #expect(sends.map { $0.status?.code } == [.error, .error])
        let append = try #require(tracer.finishedSpans.named("skein.append").first)
        #expect((append.errors.first?.error as? EventStoreError)?.code == .full)
    }

    @Test func `a command that is refused, dropped or taken back leaves no span open`() throws {
        let stage = try Stage {
            $0.tracer = tracer
            $0.mailboxLimit = 2
        }
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let cancelled = stage.send(.deposit(amount: 1), to: .ada)
        let late = stage.send(.deposit(amount: 1), to: .ada, options: CommandOptions(timeout: .seconds(1)))
        #expect(stage.send(.touch, to: .ada).error == .overloaded(.mailbox(limit: 2)))
        #expect(stage.send(.touch, to: BankAccount.ID("")).error != nil)
        #expect(stage.send(.touch, to: .ada, options: CommandOptions(metadata: ["": ""])).error != nil)
        cancelled.cancel()
        stage.advance(by: .seconds(1))
        #expect(late.error == .deadlineExceeded)
        stage.open(gate)
        #expect(tracer.activeSpans.map(\.operationName).isEmpty)
        #expect(tracer.finishedSpans.named("skein.send").count == 6)
        #expect(tracer.finishedSpans.named("skein.wait").count == 5)
    }

    @Test func `handling is a part of the command that stored the event`() throws {
        let recorder = Recorder()
        let stage = try Stage {
            $0.tracer = tracer
        } subscriptions: {
            recorder.subscription(
                retry: RetryPolicy(retries: 1, backoff: Backoff(first: .seconds(1), longest: .seconds(1)))
            )
        }
        recorder.act { _ in
            recorder.act(nil)
            throw Broken()
        }
        let run = stage.run()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.advance(by: .seconds(1))
        let send = try #require(tracer.finishedSpans.named("skein.send").first)
        let handles = tracer.finishedSpans.named("skein.handle")
        #expect(handles.map(\.traceID) == [send.traceID, send.traceID])
        #expect(handles.map(\.parentSpanID) == [send.spanID, send.spanID])
        #expect(handles.map(\.kind) == [.consumer, .consumer])
        #expect(handles.map(\.errors.count) == [1, 0])
        #expect(handles.map { $0.attributes.get("skein.attempt") } == [.int64(1), .int64(2)])
        #expect(handles.first?.attributes.get("skein.subscription") == .string("view"))
        #expect(handles.first?.attributes.get("skein.position") == .int64(1))
        run.cancel()
    }

    @Test func `a batch is linked with the commands that stored its events`() throws {
        let stage = try Stage {
            $0.tracer = tracer
        } subscriptions: {
            Subscription("batches", batches: BatchSize(10)) { On.batch(BankAccount.self) { _ in } }
        }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        let run = stage.run()
        let handle = try #require(tracer.finishedSpans.named("skein.handle").first)
        #expect(handle.parentSpanID == nil)
        #expect(handle.attributes.get("skein.events") == .int64(2))
        let sends = tracer.finishedSpans.named("skein.send").map(\.spanID)
        #expect(handle.links.map(\.context.inMemorySpanContext?.spanID) == sends)
        run.cancel()
    }

    @Test func `what a projection writes is a part of the command that stored the event`() async throws {
        var configuration = BusConfiguration()
        configuration.tracer = tracer
        let bus = try CommandBus(store: InMemoryEventStore(), configuration: configuration) {
            Subscription(Owners(), failure: FailurePolicy(retry: .stopAtOnce))
        }
        let run = Task { try await bus.run() }
        try await bus.send(.open(owner: "Ada"), to: .ada)
        try await bus.wait(for: "owners", toReach: 1, within: .seconds(30))
        try await bus.send(.deposit(amount: 1), to: .ada)
        await #expect(throws: SubscriptionWaitError.self) {
            try await bus.wait(for: "owners", toReach: 2, within: .seconds(30))
        }
        run.cancel()
        _ = try? await run.value
        let handles = tracer.finishedSpans.named("skein.handle")
        #expect(handles.map(\.parentSpanID) == tracer.finishedSpans.named("skein.send").map(\.spanID))
        #expect(handles.map(\.errors.count) == [0, 1])
        #expect(handles.first?.attributes.get("skein.subscription") == .string("owners"))
    }

    @Test func `the trace goes into the events' metadata, and nothing does without a tracer`() async throws {
        let traced = try Stage { $0.tracer = tracer }
        _ = traced.send(.open(owner: "Ada"), to: .ada)
        let entries = try await traced.store.base.log().first?.metadata.entries
        #expect(entries?[InMemoryTracer.spanIDKey] == tracer.finishedSpans.named("skein.send").first?.spanID)
        let plain = try Stage { $0.tracer = NoOpTracer() }
        _ = plain.send(.open(owner: "Ada"), to: .ada)
        #expect(try await plain.store.base.log().first?.metadata.entries == [:])
    }
}

extension [FinishedInMemorySpan] {
    fileprivate func named(_ name: String) -> [FinishedInMemorySpan] {
        filter { $0.operationName == name }
    }
}

/// A table that cannot stand deposits.
private struct Owners: Projection {
    let name = "owners"
    let version = 1
    let tables = ["owners"]

    func makeTables(_ context: ProjectionContext<InMemoryTransaction>) throws {}

    var handlers: [Project<InMemoryTransaction>] {
        [
            Project(BankAccount.self) { event, _ in
                guard case .opened = event.event else { throw Broken() }
            }
        ]
    }
}
