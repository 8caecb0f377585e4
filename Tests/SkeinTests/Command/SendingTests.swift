import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct SendingTests {
    let bus = CommandBus(store: InMemoryEventStore())
    let ada = BankAccount.ID("ada")

    @Test func `a command's events are stored and its receipt says where`() async throws {
        try await bus.send(.open(owner: "Ada"), to: ada)
        let receipt = try await bus.send(.deposit(amount: 100), to: ada)
        #expect(receipt.version == 2)
        #expect(receipt.position == 2)
        #expect(receipt.events == [.deposited(amount: 100)])
        #expect(!receipt.isRepeated)
        let stored = try await bus.store.read(ada.stream, from: 1, direction: .forward, limit: 10)
        #expect(stored.map(\.name) == ["opened", "deposited"])
        #expect(
            stored.map { String(decoding: $0.payload, as: UTF8.self) } == [#"{"owner":"Ada"}"#, #"{"amount":100}"#]
        )
        #expect(stored.last?.commandID == receipt.commandID)
    }

    @Test func `a reply is read from the state that the command leads to`() async throws {
        try await bus.send(.open(owner: "Ada"), to: ada)
        try await bus.send(.deposit(amount: 100), to: ada)
        let balance = try await bus.send(.withdraw(amount: 30), to: ada) { $0.balance }
        #expect(balance == 70)
    }

    @Test func `the domain's no is typed and stores nothing`() async throws {
        try await bus.send(.open(owner: "Ada"), to: ada)
        do {
            try await bus.send(.withdraw(amount: 30), to: ada)
            Issue.record("the overdraft went through")
        } catch .rejected(.insufficientFunds(let balance)) {
            #expect(balance == 0)
        } catch {
            Issue.record(error)
        }
        #expect(try await bus.store.head() == 1)
    }

    @Test func `the state is that of all commands before, and a new one's without events`() async throws {
        #expect(try await bus.state(of: ada).owner == nil)
        try await bus.send(.open(owner: "Ada"), to: ada)
        try await bus.send(.deposit(amount: 3), to: ada)
        #expect(try await bus.state(of: ada).balance == 3)
        #expect(try await bus.state(of: ada) { $0.owner } == "Ada")
        #expect(try await bus.store.head() == 2)
    }

    // case 57
    @Test func `a command that changes nothing succeeds and stores nothing`() async throws {
        try await bus.send(.open(owner: "Ada"), to: ada)
        let receipt = try await bus.send(.touch, to: ada)
        #expect(receipt.version == 1)
        #expect(receipt.position == 1)
        #expect(receipt.events.isEmpty)
        #expect(try await bus.store.head() == 1)
        let reply = try await bus.send(.touch, to: ada) { $0.owner }
        #expect(reply == "Ada")
        #expect(try await bus.outcome(of: receipt.commandID) == nil)
    }

    @Test func `an aggregate that never rejects needs no rejection`() async throws {
        let garden = Thermometer.ID("garden")
        #expect(try await bus.send(.measure(celsius: 21.5), to: garden) { $0.last } == 21.5)
        #expect(try await bus.send(.fill(count: 3), to: garden).version == 4)
    }

    @Test func `the outcome of a command can be asked for`() async throws {
        let receipt = try await bus.send(.open(owner: "Ada"), to: ada)
        let known = try await bus.outcome(of: receipt.commandID)
        #expect(known?.version == 1)
        #expect(known?.stream == ada.stream)
    }

    // case 51
    @Test(arguments: [
        "", String(repeating: "x", count: 256), String(repeating: "é", count: 128), "a\u{0}b", "a\nb", "\u{7F}",
        "a\u{85}", "\u{80}", "\u{9F}",
    ])
    func `an invalid id is refused and touches nothing`(_ id: String) async throws {
        let store = FaultyStore()
        let bus = CommandBus(store: store)
        await #expect {
            try await bus.send(.touch, to: BankAccount.ID(id))
        } throws: { error in
            (error as? BankError)?.refusedField == "aggregate id"
        }
        await #expect {
            try await bus.state(of: BankAccount.ID(id))
        } throws: { error in
            (error as? BankError)?.refusedField == "aggregate id"
        }
        #expect(bus.residentCount == 0)
        #expect(store.count(.read) + store.count(.append) + store.count(.version) == 0)
    }

    @Test func `ids that differ only in their composition are two aggregates`() async throws {
        try await bus.send(.open(owner: "composed"), to: BankAccount.ID("\u{E9}"))
        try await bus.send(.open(owner: "decomposed"), to: BankAccount.ID("e\u{301}"))
        #expect(bus.residentCount == 2)
        #expect(try await bus.state(of: BankAccount.ID("\u{E9}")).owner == "composed")
    }

    @Test func `two aggregate types of one name are refused`() async throws {
        enum Other {
            struct BankAccount: Aggregate {
                typealias Rejection = Never
                enum Command { case touch }
                enum Event: DomainEvent { case touched }
                func decide(_ command: Command) -> [Event] { [] }
                mutating func apply(_ event: Event) {}
            }
        }
        try await bus.send(.touch, to: ada)
        await #expect(throws: CommandError<Never>.self) {
            try await bus.send(.touch, to: Other.BankAccount.ID("ada"))
        }
    }
}
