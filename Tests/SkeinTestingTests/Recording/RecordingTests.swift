import InMemoryTracing
import Skein
import SkeinTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct RecordingTests {
    private let ada = BankAccount.ID("ada")

    @Test func `the spans of a bus are recorded, parts under their whole`() async throws {
        let recording = Recording()
        var configuration = BusConfiguration()
        recording.record(&configuration)
        let bus = try CommandBus(store: InMemoryEventStore(), configuration: configuration)
        try await bus.send(.open(owner: "Ada"), to: ada)
        #expect(
            recording.spans.map(\.operationName).sorted() == [
                "skein.append", "skein.decide", "skein.load", "skein.send", "skein.wait",
            ]
        )
        let send = try #require(recording.spans(named: "skein.send").first)
        #expect(recording.spans(named: "skein.append").map(\.parentSpanID) == [send.spanID])
        #expect(recording.spans(named: "skein.nothing").isEmpty)
    }

    @Test func `the log of a bus is recorded as text that is the same in each run`() async throws {
        let recording = Recording()
        var configuration = BusConfiguration()
        recording.record(&configuration)
        let bus = try CommandBus(store: InMemoryEventStore(), configuration: configuration) {
            Subscription("view", retry: RetryPolicy(retries: 1, backoff: Backoff(first: .zero, longest: .zero))) {
                On(BankAccount.self) { _ in throw Unfit() }
            }
        }
        try await bus.whileRunning {
            try await bus.send(.open(owner: "Ada"), to: ada)
            await #expect(throws: NotSettled.self) { try await bus.settle() }
        }
        #expect(
            recording.lines == [
                "warning: An event handler failed and is tried again. attempt=1 error=Unfit() position=1 subscription=view",
                "error: A subscription has stopped. error=handlerFailed(position: 1, attempts: 2, "
                    + "SkeinTestingTests.Unfit()) subscription=view",
            ]
        )
    }
}
