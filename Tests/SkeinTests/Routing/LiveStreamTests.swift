import Skein
import Synchronization
import Testing

struct LiveStreamTests {
    private let stage: Stage

    init() throws {
        stage = try Stage()
    }

    private func open(_ ids: BankAccount.ID...) {
        for id in ids { _ = stage.send(.open(owner: "Ada"), to: id) }
    }

    // case 83
    @Test func `a stream of one aggregate gives what is stored from now on, and nobody else's`() throws {
        open(.ada)
        let seen = Collected(stage, stage.bus.events(of: .ada)) { "\($0.version)" }
        open(.bob)
        _ = stage.send(.deposit(amount: 1), to: .ada)
        _ = stage.send(.deposit(amount: 2), to: .ada)
        #expect(seen.all == ["2", "3"])
    }

    @Test func `a stream begins where it is told to`() throws {
        open(.ada)
        for amount in 1...3 { _ = stage.send(.deposit(amount: amount), to: .ada) }
        let first = Collected(stage, stage.bus.events(of: .ada, from: .beginning)) { "\($0.version)" }
        let later = Collected(stage, stage.bus.events(of: .ada, from: .after(2))) { "\($0.version)" }
        let beyond = Collected(stage, stage.bus.events(of: .ada, from: .after(.max))) { "\($0.version)" }
        #expect(first.all == ["1", "2", "3", "4"])
        #expect(later.all == ["3", "4"])
        #expect(beyond.all.isEmpty)
    }

    @Test func `a stream of an aggregate without events begins with its first one`() throws {
        let seen = Collected(stage, stage.bus.events(of: .ada, from: .beginning)) { "\($0.version)" }
        open(.ada)
        #expect(seen.all == ["1"])
    }

    @Test func `a stream of a type gives its events in the order of the log`() throws {
        let seen = Collected(stage, stage.bus.events(of: BankAccount.self)) { "\($0.aggregateID)@\($0.position)" }
        open(.ada)
        _ = stage.send(.measure(celsius: 20), to: Thermometer.ID("hall"))
        open(.bob)
        #expect(seen.all == ["ada@1", "bob@3"])
    }

    // case 83
    @Test func `a stream of everything gives everything, as it is stored`() throws {
        let seen = Collected(stage, stage.bus.events()) { "\($0.stream)@\($0.position)" }
        open(.ada)
        _ = stage.send(.measure(celsius: 20), to: Thermometer.ID("hall"))
        #expect(seen.all == ["BankAccount/ada@1", "Thermometer/hall@2"])
    }

    @Test func `a page that is full is followed by the next one at once`() throws {
        let stage = try Stage { $0.subscriptionBuffer = 2 }
        for id in ["a", "b", "c", "d", "e"] { _ = stage.send(.open(owner: "Ada"), to: BankAccount.ID(id)) }
        let seen = Collected(stage, stage.bus.events(from: .beginning)) { "\($0.position)" }
        #expect(seen.all == ["1", "2", "3", "4", "5"])
        #expect(stage.store.largestPage == 2)
    }

    @Test func `states begin with the present one and follow each event`() throws {
        open(.ada)
        _ = stage.send(.deposit(amount: 5), to: .ada)
        let seen = Collected(stage, stage.bus.states(of: .ada)) { "\($0.version): \($0.state.balance)" }
        #expect(seen.all == ["2: 5"])
        _ = stage.send(.deposit(amount: 1), to: .ada)
        _ = stage.send(.withdraw(amount: 2), to: .ada)
        #expect(seen.all == ["2: 5", "3: 6", "4: 4"])
    }

    @Test func `the states of an aggregate that does not exist begin with a new one`() throws {
        let seen = Collected(stage, stage.bus.states(of: .ada)) { "\($0.version): \($0.state.owner ?? "-")" }
        #expect(seen.all == ["0: -"])
    }

    @Test func `states of more events than fit into a page begin once they are all read`() throws {
        let stage = try Stage { $0.subscriptionBuffer = 2 }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        for _ in 0..<5 { _ = stage.send(.deposit(amount: 1), to: .ada) }
        let seen = Collected(stage, stage.bus.states(of: .ada)) { "\($0.version): \($0.state.balance)" }
        #expect(seen.all == ["6: 5"])
    }

    // case 101
    @Test func `a commit that nobody signals is seen at the next look`() throws {
        let stage = try Stage(store: FaultyStore(isSilent: true))
        let seen = Collected(stage, stage.bus.events()) { "\($0.position)" }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.advance(by: .seconds(1), times: 2)
        #expect(seen.all == ["1"])
        _ = stage.send(.open(owner: "Bob"), to: .bob)
        stage.advance(by: .seconds(1), times: 2)
        #expect(seen.all == ["1", "2"])
    }

    @Test func `a reader that is cancelled gets no more and ends`() throws {
        let seen = Collected(stage, stage.bus.events()) { "\($0.position)" }
        open(.ada)
        seen.cancel()
        open(.bob)
        #expect(seen.all == ["1"])
        #expect(seen.isOver)
    }

    @Test func `a stream ends when the store is closed`() throws {
        let seen = Collected(stage, stage.bus.events()) { "\($0.position)" }
        open(.ada)
        _ = stage.start { await stage.store.close() }
        #expect(seen.isOver)
        #expect(seen.all == ["1"])
    }

    @Test func `an error of the store reaches the reader`() throws {
        let seen = Collected(stage, stage.bus.events(from: .beginning)) { "\($0.position)" }
        stage.store.before(.readLog) { () throws(EventStoreError) in throw EventStoreError(.corrupt, "damaged") }
        open(.ada)
        #expect((seen.error as? EventStoreError)?.code == .corrupt)
    }

    @Test func `an event that cannot be decoded is an error that names it`() async throws {
        let event = NewEvent(id: EventID(high: 1, low: 1), name: "nonsense", payload: Array("{}".utf8))
        let append = StreamAppend(
            stream: StreamID(aggregate: "BankAccount", id: "ada"),
            commands: [CommandAppend(id: CommandID(high: 1, low: 1), outcome: .events([event]))]
        )
        _ = try await stage.store.base.append(append)
        let seen = Collected(stage, stage.bus.events(of: .ada, from: .beginning)) { "\($0.version)" }
        #expect((seen.error as? EventCodingError)?.position == 1)
    }
}

/// Collects a live stream in the background.
private final class Collected: Sendable {
    private let seen: Seen
    private let running: Running<Void, any Error>

    private final class Seen: Sendable {
        let all = Mutex<[String]>([])
    }

    init<Element: Sendable>(
        _ stage: Stage,
        _ events: LiveEvents<Element>,
        _ describe: @escaping @Sendable (Element) -> String
    ) {
        let seen = Seen()
        self.seen = seen
        running = stage.start {
            for try await event in events { seen.all.withLock { $0.append(describe(event)) } }
        }
    }

    var all: [String] { seen.all.withLock { $0 } }
    var isOver: Bool { running.isOver }
    var error: (any Error)? { running.error }

    func cancel() { running.cancel() }
}
