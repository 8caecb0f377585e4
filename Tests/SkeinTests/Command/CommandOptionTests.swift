import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct CommandOptionTests {
    @Test func `a rejection and nothing cost no write when the bus made the id up`() async throws {
        let stage = try Stage()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(stage.send(.withdraw(amount: 1), to: .ada).error == .rejected(.insufficientFunds(balance: 0)))
        #expect(stage.send(.touch, to: .ada).value?.version == 1)
        #expect(stage.store.count(.append) == 1)
    }

    // case 59
    @Test func `correlation and causation are the command's id unless they are given`() async throws {
        let stage = try Stage()
        let own = try #require(stage.send(.open(owner: "Ada"), to: .ada).value)
        let (correlation, causation) = (CorrelationID.fresh(), CausationID.fresh())
        let given = CommandOptions(correlationID: correlation, causationID: causation, metadata: ["tenant": "7"])
        _ = stage.send(.deposit(amount: 1), to: .ada, options: given)
        let metadata = try await stage.events(of: BankAccount.ID.ada.stream).map(\.metadata)
        #expect(
            metadata == [
                EventMetadata(correlationID: CorrelationID(own.commandID), causationID: CausationID(own.commandID)),
                // case 61
                EventMetadata(correlationID: correlation, causationID: causation, entries: ["tenant": "7"]),
            ]
        )
    }

    @Test func `the context of the sending task goes into the events, and options go before it`() async throws {
        let stage = try Stage()
        let context = MessageContext(correlationID: .fresh(), causationID: .fresh())
        let explicit = CausationID.fresh()
        _ = stage.start { [bus = stage.bus] in
            try await MessageContext.$current.withValue(context) {
                try await bus.send(.open(owner: "Ada"), to: .ada)
                try await bus.send(.deposit(amount: 1), to: .ada, options: CommandOptions(causationID: explicit))
            }
        }
        let metadata = try await stage.events(of: BankAccount.ID.ada.stream).map(\.metadata)
        #expect(metadata.map(\.correlationID) == [context.correlationID, context.correlationID])
        #expect(metadata.map(\.causationID) == [context.causationID, explicit])
    }

    @Test func `metadata that breaks a rule is refused before anything is decided`() throws {
        let stage = try Stage()
        for entries in [["": "x"], ["x": "\0"], ["x": String(repeating: "x", count: 16_384)]] {
            let sent = stage.send(.touch, to: .ada, options: CommandOptions(metadata: entries))
            #expect(sent.error?.refusedField == "metadata")
        }
        #expect(stage.store.count(.read) == 0)
    }

    @Test func `an expected version that is met goes through, and one that is not is a conflict`() async throws {
        let stage = try Stage()
        let met: [ExpectedVersion] = [.noStream, .exactly(1), .streamExists, .any]
        _ = stage.send(.open(owner: "Ada"), to: .ada, options: CommandOptions(expectedVersion: met[0]))
        for expected in met.dropFirst() {
            let sent = stage.send(.deposit(amount: 1), to: .ada, options: CommandOptions(expectedVersion: expected))
            #expect(sent.error == nil)
        }
        for expected in [.noStream, .exactly(3), .exactly(5)] as [ExpectedVersion] {
            let sent = stage.send(.deposit(amount: 1), to: .ada, options: CommandOptions(expectedVersion: expected))
            #expect(sent.error == .conflict(expected: expected, actual: 4))
        }
        let negative = stage.send(.touch, to: .ada, options: CommandOptions(expectedVersion: .exactly(-5)))
        #expect(negative.error?.refusedField == "expected version")
        #expect(try await stage.store.head() == 4)
    }

    @Test func `an expected version is compared with what others have stored meanwhile`() async throws {
        let stage = try Stage()
        let other = CommandBus(store: stage.store.base)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        try await other.send(.deposit(amount: 1), to: .ada)
        let stale = stage.send(.deposit(amount: 1), to: .ada, options: CommandOptions(expectedVersion: .exactly(1)))
        #expect(stale.error == .conflict(expected: .exactly(1), actual: 2))
        try await other.send(.deposit(amount: 1), to: .ada)
        let fresh = stage.send(.deposit(amount: 1), to: .ada, options: CommandOptions(expectedVersion: .exactly(3)))
        #expect(fresh.value?.version == 4)
    }

    // case 55
    @Test func `a command whose deadline passes in the mailbox is dropped at once and never decided`() async throws {
        let stage = try Stage { $0.commandTimeout = .seconds(60) }
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        let first = stage.send(.open(owner: "Ada"), to: .ada)
        let own = stage.send(.deposit(amount: 1), to: .ada, options: CommandOptions(timeout: .seconds(5)))
        let standard = stage.send(.deposit(amount: 2), to: .ada)
        stage.advance(by: .seconds(5))
        #expect(own.error == .deadlineExceeded)
        #expect(!standard.isOver)
        stage.advance(by: .seconds(55))
        #expect(standard.error == .deadlineExceeded)
        #expect(!first.isOver)
        stage.open(gate)
        #expect(first.value?.version == 1)
        #expect(try await stage.store.head() == 1)
    }

    @Test func `a deadline that passes during the append does not drop the command`() throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        let sent = stage.send(.open(owner: "Ada"), to: .ada, options: CommandOptions(timeout: .seconds(5)))
        stage.advance(by: .seconds(60))
        #expect(!sent.isOver)
        stage.open(gate)
        #expect(sent.value?.version == 1)
    }

    @Test func `a deadline that passes while the aggregate is loaded drops the command`() async throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.read, at: gate)
        let sent = stage.send(.open(owner: "Ada"), to: .ada, options: CommandOptions(timeout: .seconds(5)))
        stage.advance(by: .seconds(5))
        stage.open(gate)
        #expect(sent.error == .deadlineExceeded)
        #expect(try await stage.store.head() == 0)
    }
}
