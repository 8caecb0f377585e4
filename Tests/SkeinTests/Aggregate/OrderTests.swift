import Skein
import Testing

/// One at a time per aggregate, in the order of admission.
@Suite(.timeLimit(.minutes(1))) struct OrderTests {
    @Test(arguments: StoreKind.allCases)
    func `many tasks at one aggregate leave no gap and lose no update`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let bus = CommandBus(store: store)
            try await bus.send(.open(owner: "Ada"), to: .ada)
            let receipts = try await withThrowingTaskGroup(of: [CommandReceipt<BankAccount>].self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        var receipts: [CommandReceipt<BankAccount>] = []
                        for _ in 0..<10 { receipts.append(try await bus.send(.deposit(amount: 1), to: .ada)) }
                        return receipts
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(receipts.map(\.version).sorted() == Array(2...641))
            #expect(receipts.allSatisfy { $0.position == $0.version })
            #expect(try await bus.state(of: .ada).balance == 640)
            #expect(try await CommandBus(store: store).state(of: .ada).balance == 640)
            #expect(try await store.log().map(\.version) == Array(1...641))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `two buses on one store lose no update`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            var configuration = BusConfiguration()
            configuration.retryLimit = 1_000
            let buses = [
                try CommandBus(store: store, configuration: configuration),
                try CommandBus(store: store, configuration: configuration),
            ]
            try await buses[0].send(.open(owner: "Ada"), to: .ada)
            try await withThrowingTaskGroup { group in
                for index in 0..<16 {
                    group.addTask {
                        for _ in 0..<10 { try await buses[index % 2].send(.deposit(amount: 1), to: .ada) }
                    }
                }
                try await group.waitForAll()
            }
            for bus in buses { #expect(try await bus.state(of: .ada).balance == 160) }
            #expect(try await store.log().map(\.version) == Array(1...161))
        }
    }

    @Test func `commands that wait are stored in one append, in the order of their admission`() async throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let waiting = (1...20).map { stage.send(.deposit(amount: $0), to: .ada) }
        #expect(stage.store.count(.append) == 1)
        stage.open(gate)
        #expect(stage.store.appends.map(\.commands.count) == [1, 20])
        #expect(waiting.map { $0.value?.version } == (2...21).map { Int64($0) })
        #expect(waiting.map { $0.value?.position } == (2...21).map { Int64($0) })
        #expect(waiting.map { $0.value?.events } == (1...20).map { [.deposited(amount: $0)] })
        let stored = try await stage.events(of: BankAccount.ID.ada.stream).dropFirst()
        #expect(stored.map(\.text) == (1...20).map { #"{"amount":\#($0)}"# })
    }

    @Test func `a group is no larger than its limit`() throws {
        let stage = try Stage { $0.batchLimit = 3 }
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let waiting = (0..<7).map { _ in stage.send(.deposit(amount: 1), to: .ada) }
        stage.open(gate)
        #expect(stage.store.appends.map(\.commands.count) == [1, 3, 3, 1])
        #expect(waiting.map { $0.value?.version } == (2...8).map { Int64($0) })
    }

    @Test func `a group grows no larger than what the store takes, and no event counts twice`() async throws {
        let store = FaultyStore(InMemoryEventStore(limits: EventStoreLimits(eventsPerAppend: 5)))
        let stage = try Stage(store: store)
        let gate = Gate()
        store.hold(.append, at: gate)
        let garden = Thermometer.ID("garden")
        _ = stage.send(.fill(count: 1), to: garden)
        let waiting = [2, 2, 3, 5, 1].map { stage.send(.fill(count: $0), to: garden) }
        stage.open(gate)
        #expect(waiting.map { $0.value?.version } == [3, 5, 8, 13, 14])
        #expect(stage.store.appends.map(\.eventCount) == [1, 4, 3, 5, 1])
        // Each state that was handed out and the one in memory are those of the stored events.
        #expect(stage.state(of: garden)?.count == 14)
    }

    @Test func `replies in a group are read from the state after their own command`() throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let replies = (1...3).map { amount in
            stage.start { [bus = stage.bus] in try await bus.send(.deposit(amount: amount), to: .ada) { $0.balance } }
        }
        let read = stage.start { [bus = stage.bus] in try await bus.state(of: .ada) { $0.balance } }
        stage.open(gate)
        #expect(replies.map(\.value) == [1, 3, 6])
        #expect(read.value == 6)
    }

    @Test func `one rejected command does not disturb the others`() async throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let before = stage.send(.deposit(amount: 10), to: .ada)
        let rejected = stage.send(.withdraw(amount: 11), to: .ada)
        let recorded = stage.send(.open(owner: "Eve"), to: .ada, options: CommandOptions(id: .fresh()))
        let nothing = stage.send(.touch, to: .ada, options: CommandOptions(id: .fresh()))
        let after = stage.send(.withdraw(amount: 10), to: .ada)
        stage.open(gate)
        #expect(before.value?.version == 2)
        #expect(rejected.error == .rejected(.insufficientFunds(balance: 10)))
        #expect(recorded.error == .rejected(.alreadyOpen))
        #expect(nothing.value?.version == 2)
        #expect(nothing.value?.position == 2)
        #expect(after.value?.version == 3)
        #expect(after.value?.position == 3)
        #expect(stage.store.count(.append) == 2)
        #expect(try await stage.store.head() == 3)
    }

    // case 71
    @Test func `after a conflict the whole group is decided again on what others stored`() async throws {
        let stage = try Stage()
        let other = CommandBus(store: stage.store.base)
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.before(.append) { () throws(EventStoreError) in
            _ = try? await other.send(.withdraw(amount: 5), to: .ada)
            _ = try? await other.send(.deposit(amount: 5), to: .ada)
        }
        let first = stage.send(.deposit(amount: 1), to: .ada)
        let second = stage.send(.withdraw(amount: 6), to: .ada)
        stage.open(gate)
        #expect(first.value?.version == 3)
        #expect(second.value?.version == 4)
        #expect(stage.state(of: .ada)?.balance == 0)
        #expect(try await stage.store.head() == 4)
    }

    @Test func `conflicts are tried again up to the limit and then told`() throws {
        let stage = try Stage { $0.retryLimit = 3 }
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let base = stage.store.base
        stage.store.always(.append) { () throws(EventStoreError) in
            _ = try await base.append(.of(#"{"amount":1}"#, to: BankAccount.ID.ada.stream, name: "deposited"))
        }
        let sent = stage.send(.deposit(amount: 7), to: .ada)
        stage.advance(by: .seconds(1), times: 10)
        #expect(sent.error == .conflict(expected: .exactly(4), actual: 5))
        #expect(stage.store.count(.append) == 1 + 4)
        stage.store.always(.append, nil)
        #expect(stage.send(.deposit(amount: 7), to: .ada).value?.version == 6)
        #expect(stage.state(of: .ada)?.balance == 11)
    }

    @Test func `a transient error is tried again with waits, and another one is told at once`() throws {
        let stage = try Stage()
        stage.store.fail(.append, .transient, times: 2)
        let sent = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(!sent.isOver)
        stage.advance(by: .milliseconds(1))
        stage.advance(by: .milliseconds(2))
        #expect(sent.value?.version == 1)
        stage.store.fail(.append, .full)
        let refused = stage.send(.deposit(amount: 1), to: .ada)
        #expect(refused.error == .store(EventStoreError(.full, "")))
        #expect(stage.state(of: .ada)?.balance == 0)
    }

    @Test func `a rejection is not decided on a state that others have changed`() async throws {
        let stage = try Stage()
        let other = CommandBus(store: stage.store.base)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        try await other.send(.deposit(amount: 5), to: .ada)
        #expect(stage.send(.withdraw(amount: 5), to: .ada).value?.version == 3)
        try await other.send(.deposit(amount: 5), to: .ada)
        #expect(stage.send(.withdraw(amount: 6), to: .ada).error == .rejected(.insufficientFunds(balance: 5)))
        try await other.send(.deposit(amount: 5), to: .ada)
        #expect(stage.state(of: .ada)?.balance == 10)
    }
}
