import Skein
import Testing

/// An aggregate whose events cannot be replayed answers at once and is not tried in a hot loop.
@Suite(.timeLimit(.minutes(1))) struct QuarantineTests {
    static let poisons: [(StreamAppend, EventCodingError.Code)] = [
        (.of(#"{"amount":"#, to: BankAccount.ID.ada.stream, name: "deposited"), .undecodable),
        (.of(#"{"sum":1}"#, to: BankAccount.ID.ada.stream, name: "deposited"), .undecodable),
        (.of("{}", to: BankAccount.ID.ada.stream, name: "vanished"), .unknownEvent),
        (
            .of(#"{"amount":1}"#, to: BankAccount.ID.ada.stream, name: "deposited", schemaVersion: 2),
            .newerSchema(found: 2, supported: 1)
        ),
    ]

    // case 81
    @Test(arguments: 0..<poisons.count)
    func `a poison event is told with position and reason, and not read again before its time`(
        _ poison: Int
    ) async throws {
        let stage = try Stage()
        try await stage.store.base.store(.of("other", to: StreamID(aggregate: "Note", id: "bob")))
        try await CommandBus(store: stage.store.base).send(.open(owner: "Ada"), to: .ada)
        try await stage.store.base.store(Self.poisons[poison].0)
        for round in 0..<3 {
            guard case .quarantined(let error, let wait)? = stage.send(.touch, to: .ada).error else {
                Issue.record("it was served")
                return
            }
            #expect(error.code == Self.poisons[poison].1)
            #expect(error.position == 3)
            #expect(!error.reason.isEmpty)
            #expect(wait == .milliseconds(1_000 - 100 * round))
            stage.advance(by: .milliseconds(100))
        }
        #expect(stage.state(of: .ada) == nil)
        #expect(stage.store.count(.read) == 1)
        #expect(stage.lines(with: "cannot be rebuilt").count == 1)
        // Others go on.
        #expect(stage.send(.open(owner: "Bob"), to: .bob).value?.version == 1)
    }

    @Test func `after the back-off it is tried again, with longer waits, and served once it is well`() async throws {
        let stage = try Stage()
        let stream = BankAccount.ID.ada.stream
        try await stage.store.base.store(.of("{", to: stream, name: "deposited"))
        var waits: [Duration] = []
        for _ in 0..<8 {
            if case .quarantined(_, let wait)? = stage.send(.touch, to: .ada).error { waits.append(wait) }
            stage.advance(by: waits.last ?? .zero)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        #expect(stage.store.count(.read) == 8)
    }

    @Test func `an aggregate that can be read again is served after its back-off`() async throws {
        let base = InMemoryEventStore(allowsHardDelete: true)
        let stage = try Stage(store: FaultyStore(base))
        let stream = BankAccount.ID.ada.stream
        try await base.store(.of("{", to: stream, name: "deposited"))
        guard case .quarantined? = stage.send(.open(owner: "Ada"), to: .ada).error else {
            Issue.record("it was served")
            return
        }
        try await base.delete(stream, mode: .hard, expecting: .any)
        guard case .quarantined? = stage.send(.open(owner: "Ada"), to: .ada).error else {
            Issue.record("it was served")
            return
        }
        stage.advance(by: .seconds(1))
        #expect(stage.send(.open(owner: "Ada"), to: .ada).value?.version == 1)
    }

    @Test func `an error of the store is told as it is and is no quarantine`() throws {
        let stage = try Stage()
        stage.store.fail(.read, .corrupt)
        #expect(stage.send(.open(owner: "Ada"), to: .ada).error == .store(EventStoreError(.corrupt, "")))
        #expect(stage.send(.open(owner: "Ada"), to: .ada).value?.version == 1)
        #expect(stage.lines(with: "cannot be rebuilt").isEmpty)
    }

    @Test func `a deleted aggregate is told as such`() async throws {
        let stage = try Stage()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        try await stage.store.base.delete(BankAccount.ID.ada.stream, mode: .soft, expecting: .any)
        for _ in 0..<2 {
            let sent = stage.send(.deposit(amount: 1), to: .ada)
            #expect(sent.error == .store(EventStoreError(.streamDeleted, "")))
        }
    }
}
