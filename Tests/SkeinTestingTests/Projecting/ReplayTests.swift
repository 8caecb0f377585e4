import Skein
import SkeinTesting
import Synchronization
import Testing

struct ReplayTests {
    @Test func `a reset gives events again to those that may be given them, and to no others`() async throws {
        let store = InMemoryEventStore()
        let (mail, index) = (Counted(), Counted())
        let bus = {
            CommandBus(store: store) {
                Subscription("mail-and-index") {
                    On(Mail(counted: mail))
                    On(Index(counted: index))
                }
            }
        }
        let first = bus()
        try await first.send(.open(owner: "Ada"), to: BankAccount.ID("ada"))
        try await first.send(.measure(celsius: 1), to: Thermometer.ID("hall"))
        try await first.whileRunning { try await first.wait(for: "mail-and-index", toReach: 2, within: .seconds(30)) }
        try await first.reset("mail-and-index")
        let second = bus()
        try await second.send(.open(owner: "Bob"), to: BankAccount.ID("bob"))
        try await second.whileRunning { try await second.wait(for: "mail-and-index", toReach: 3, within: .seconds(30)) }
        #expect(mail.all == [1, 3])
        #expect(index.all == [2, 2])
    }

    @Test func `a subscription of which nothing may run again is not reset`() async throws {
        let store = InMemoryEventStore()
        let bus = CommandBus(store: store) { Subscription("mail", Mail(counted: Counted())) }
        let error = await #expect(throws: RebuildError.self) { try await bus.reset("mail") }
        #expect(error.map { if case .notReplayable("mail") = $0 { true } else { false } } == true)
    }
}

private final class Counted: Sendable {
    private let positions = Mutex<[Int64]>([])
    var all: [Int64] { positions.withLock { $0 } }
    func note(_ position: Int64) { positions.withLock { $0.append(position) } }
}

private struct Mail: EventHandler {
    let counted: Counted
    func handle(_ event: RecordedEvent<BankAccount>) async throws { counted.note(event.position) }
}

private struct Index: ReplayableEventHandler {
    let counted: Counted
    func handle(_ event: RecordedEvent<Thermometer>) async throws { counted.note(event.position) }
}

/// Another aggregate type.
private struct Thermometer: Aggregate {
    enum Command { case measure(celsius: Double) }
    enum Event: DomainEvent { case measured(celsius: Double) }

    func decide(_ command: Command) throws(Never) -> [Event] {
        switch command {
        case .measure(let celsius): [.measured(celsius: celsius)]
        }
    }

    mutating func apply(_ event: Event) {}
}
