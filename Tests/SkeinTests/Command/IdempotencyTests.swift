import Skein
import Testing

/// Once per command id, for all time and over all processes.
@Suite(.timeLimit(.minutes(1))) struct IdempotencyTests {
    @Test(arguments: StoreKind.allCases)
    func `the same id again gets the first receipt, also from another bus`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let options = CommandOptions(id: .fresh())
            let bus = CommandBus(store: store)
            try await bus.send(.open(owner: "Ada"), to: .ada)
            let first = try await bus.send(.deposit(amount: 5), to: .ada, options: options)
            try await bus.send(.deposit(amount: 7), to: .ada)
            for bus in [bus, CommandBus(store: store)] {
                let again = try await bus.send(.deposit(amount: 5), to: .ada, options: options)
                #expect(again.isRepeated)
                #expect(again.commandID == first.commandID)
                #expect(again.version == 2)
                #expect(again.position == 2)
                #expect(again.events == [.deposited(amount: 5)])
                #expect(try await bus.state(of: .ada).balance == 12)
            }
            #expect(try await store.head() == 3)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a rejection comes again although the state has changed meanwhile`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let options = CommandOptions(id: .fresh())
            for bus in [CommandBus(store: store), CommandBus(store: store)] {
                await #expect(throws: BankError.rejected(.notOpen)) {
                    try await bus.send(.deposit(amount: 5), to: .ada, options: options)
                }
                _ = try? await bus.send(.open(owner: "Ada"), to: .ada)
            }
            #expect(try await store.head() == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `nothing comes again although the command would do something now`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let options = CommandOptions(id: .fresh())
            let bus = CommandBus(store: store)
            let first = try await bus.send(.touch, to: .ada, options: options)
            #expect(!first.isRepeated)
            try await bus.send(.open(owner: "Ada"), to: .ada)
            let again = try await bus.send(.touch, to: .ada, options: options)
            #expect(again.isRepeated)
            #expect(again.version == 0)
            #expect(again.events.isEmpty)
            #expect(try await bus.outcome(of: first.commandID)?.outcome == .nothing)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an id that was used for something else is refused without telling what it came to`(
        _ kind: StoreKind
    ) async throws {
        try await kind.with { store async throws in
            let options = CommandOptions(id: .fresh())
            let id = try #require(options.id)
            let bus = CommandBus(store: store)
            try await bus.send(.open(owner: "secret"), to: .ada, options: options)
            // Another payload, another command, another aggregate, another type of aggregate.
            for (command, account) in [
                (BankAccount.Command.open(owner: "Eve"), BankAccount.ID.ada), (.touch, .ada),
                (.open(owner: "secret"), .bob),
            ] {
                do throws(BankError) {
                    try await bus.send(command, to: account, options: options)
                    Issue.record("\(command) went through")
                } catch {
                    #expect(error == .commandIDReused(id))
                    #expect(!"\(error)".contains("secret"))
                }
            }
            await #expect(throws: CommandError<Never>.commandIDReused(id)) {
                try await bus.send(.measure(celsius: 1), to: Thermometer.ID("ada"), options: options)
            }
            #expect(try await store.head() == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `the same id many times at once has one effect`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let options = CommandOptions(id: .fresh())
            let buses = [CommandBus(store: store), CommandBus(store: store)]
            try await buses[0].send(.open(owner: "Ada"), to: .ada)
            let receipts = try await withThrowingTaskGroup(of: CommandReceipt<BankAccount>.self) { group in
                for index in 0..<64 {
                    group.addTask { try await buses[index % 2].send(.deposit(amount: 5), to: .ada, options: options) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(receipts.count { !$0.isRepeated } == 1)
            #expect(receipts.allSatisfy { $0.version == 2 && $0.events == [.deposited(amount: 5)] })
            for bus in buses { #expect(try await bus.state(of: .ada).balance == 5) }
            #expect(try await store.head() == 2)
        }
    }

    @Test func `a repetition is answered although its expected version was met only the first time`() throws {
        let stage = try Stage()
        let options = CommandOptions(id: .fresh(), expectedVersion: .noStream)
        _ = stage.send(.open(owner: "Ada"), to: .ada, options: options)
        #expect(stage.send(.open(owner: "Ada"), to: .ada, options: options).value?.isRepeated == true)
        let other = CommandOptions(id: .fresh(), expectedVersion: .noStream)
        let unmet = stage.send(.open(owner: "Ada"), to: .ada, options: other)
        #expect(unmet.error == .conflict(expected: .noStream, actual: 1))
    }

    @Test func `a repetition waits behind the first and takes its receipt`() throws {
        let stage = try Stage()
        let gate = Gate()
        let options = CommandOptions(id: .fresh())
        stage.store.hold(.append, at: gate)
        let first = stage.send(.open(owner: "Ada"), to: .ada, options: options)
        let again = stage.send(.open(owner: "Ada"), to: .ada, options: options)
        let third = stage.send(.open(owner: "Ada"), to: .ada, options: options)
        let behind = stage.send(.deposit(amount: 1), to: .ada)
        stage.open(gate)
        #expect(first.value?.isRepeated == false)
        #expect(again.value?.isRepeated == true)
        #expect(third.value?.isRepeated == true)
        #expect(behind.value?.version == 2)
        #expect(stage.state(of: .ada)?.balance == 1)
    }

    @Test func `one id twice in one group has one effect`() throws {
        let stage = try Stage()
        let gate = Gate()
        let options = CommandOptions(id: .fresh())
        stage.store.hold(.append, at: gate)
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        let first = stage.send(.deposit(amount: 5), to: .ada, options: options)
        let again = stage.send(.deposit(amount: 5), to: .ada, options: options)
        let other = stage.send(.deposit(amount: 6), to: .ada, options: options)
        stage.open(gate)
        #expect(first.value?.isRepeated == false)
        #expect(again.value?.isRepeated == true)
        #expect(again.value?.version == 2)
        #expect(other.error == options.id.map { .commandIDReused($0) })
        #expect(stage.state(of: .ada)?.balance == 5)
    }

    @Test func `the reply of a repetition is read from the present state`() async throws {
        let bus = CommandBus(store: InMemoryEventStore())
        let options = CommandOptions(id: .fresh())
        try await bus.send(.open(owner: "Ada"), to: .ada)
        try await bus.send(.deposit(amount: 5), to: .ada, options: options)
        try await bus.send(.deposit(amount: 7), to: .ada)
        #expect(try await bus.send(.deposit(amount: 5), to: .ada, options: options) { $0.balance } == 12)
    }

    @Test func `a repetition that can no longer be stored gets the first receipt all the same`() throws {
        let stage = try Stage(store: FaultyStore(InMemoryEventStore(limits: EventStoreLimits(eventsPerAppend: 5))))
        let options = CommandOptions(id: .fresh())
        let first = stage.send(.double, to: Doubling.ID("x"), options: options)
        #expect(first.value?.version == 1)
        for _ in 0..<3 { _ = stage.send(.double, to: Doubling.ID("x")) }
        // Decided again, the command would now make more events than the store takes.
        #expect(stage.send(.double, to: Doubling.ID("x")).error?.refusedField == "command")
        let again = stage.send(.double, to: Doubling.ID("x"), options: options)
        #expect(again.value?.isRepeated == true)
        #expect(again.value?.version == 1)
    }
}

/// Makes as many events as it has had, at least one.
private struct Doubling: Aggregate {
    enum Command { case double }
    enum Event: DomainEvent { case happened }
    typealias Rejection = Never

    var count = 0

    func decide(_ command: Command) -> [Event] { Array(repeating: .happened, count: max(1, count)) }
    mutating func apply(_ event: Event) { count += 1 }
}
