import Skein
import Testing

struct TransactionalHandlerTests {
    private let store = InMemoryEventStore()

    private func bus(_ handlers: TransactionalHandler...) -> CommandBus {
        CommandBus(store: store, transactionalHandlers: handlers)
    }

    private func account(_ id: String) -> BankAccount.ID { BankAccount.ID(id) }

    @Test func `what a handler writes is there when the sender is answered, event by event`() async throws {
        let bus = bus(.journal)
        try await bus.send(.open(owner: "Ada"), to: .ada)
        try await bus.send(.deposit(amount: 5), to: .ada)
        try await bus.send(.open(owner: "Bob"), to: .bob)
        let lines = try await store.value([String].self, of: "journal")
        #expect(lines == ["ada 1 @1", "ada 2 @2", "bob 1 @3"])
    }

    @Test func `what a handler throws reaches the sender, and nothing is kept`() async throws {
        let bus = bus(.journal, .limit(of: 100))
        try await bus.send(.open(owner: "Ada"), to: .ada)
        let error = await #expect(throws: BankError.self) { try await bus.send(.deposit(amount: 101), to: .ada) }
        guard case .handlerFailed(let cause)? = error else {
            Issue.record("\(String(describing: error)) is no failure of a handler")
            return
        }
        #expect(cause is OverLimit)
        #expect(try await store.version(of: StreamID(aggregate: "BankAccount", id: "ada")) == 1)
        #expect(try await store.value([String].self, of: "journal") == ["ada 1 @1"])
        #expect(try await bus.state(of: .ada).balance == 0)
    }

    @Test func `a command that failed for a handler may be sent again and have an effect`() async throws {
        let bus = bus(.limit(of: 100))
        try await bus.send(.open(owner: "Ada"), to: .ada)
        var options = CommandOptions()
        options.id = CommandID(high: 1, low: 1)
        await #expect(throws: BankError.self) { try await bus.send(.deposit(amount: 101), to: .ada, options: options) }
        #expect(try await bus.outcome(of: CommandID(high: 1, low: 1)) == nil)
        try await bus.send(.deposit(amount: 100), to: .ada, options: options)
        #expect(try await bus.state(of: .ada).balance == 100)
    }

    @Test func `a known command does not run a handler again`() async throws {
        let bus = bus(.journal)
        var options = CommandOptions()
        options.id = CommandID(high: 1, low: 2)
        for _ in 0..<2 { try await bus.send(.open(owner: "Ada"), to: .ada, options: options) }
        #expect(try await store.value([String].self, of: "journal") == ["ada 1 @1"])
    }

    @Test func `of commands that wait together only the one that a handler refuses fails`() async throws {
        let bus = bus(.journal, .limit(of: 100))
        try await bus.send(.open(owner: "Ada"), to: .ada)
        let amounts = [1, 2, 500, 3, 4, 600, 5]
        let refused = await withTaskGroup(of: Int?.self) { group in
            for amount in amounts {
                group.addTask {
                    do {
                        try await bus.send(.deposit(amount: amount), to: .ada)
                        return nil
                    } catch {
                        return amount
                    }
                }
            }
            var refused: [Int] = []
            for await amount in group { if let amount { refused.append(amount) } }
            return refused
        }
        #expect(refused.sorted() == [500, 600])
        #expect(try await bus.state(of: .ada).balance == 15)
        #expect(try await store.value([String].self, of: "journal")?.count == 6)
    }

    @Test func `handlers of other aggregates are left alone`() async throws {
        let bus = bus(.journal)
        try await bus.send(.measure(celsius: 20), to: Thermometer.ID("hall"))
        #expect(try await store.value([String].self, of: "journal") == nil)
    }

    @Test func `handlers run in the order in which they are declared`() async throws {
        let bus = bus(.mark("first"), .mark("second"))
        try await bus.send(.open(owner: "Ada"), to: .ada)
        #expect(try await store.value([String].self, of: "marks") == ["first", "second"])
    }

    @Test func `a transaction that outlives its call is refused`() async throws {
        let kept = Kept()
        let bus = CommandBus(
            store: store,
            transactionalHandlers: [
                TransactionalHandler(BankAccount.self, InMemoryTransaction.self) { _, transaction in
                    kept.keep(transaction)
                }
            ]
        )
        try await bus.send(.open(owner: "Ada"), to: .ada)
        let error = #expect(throws: EventStoreError.self) { try kept.use() }
        #expect(error?.code == .transactionOver)
    }

    @Test func `a store that does not lend what a handler wants is refused at the start`() async throws {
        let wrong = TransactionalHandler(BankAccount.self, String.self) { _, _ in }
        #expect(throws: InvalidInput.self) {
            try CommandBus(store: store, configuration: BusConfiguration(), transactionalHandlers: [wrong])
        }
        #expect(throws: InvalidInput.self) {
            try CommandBus(
                store: FaultyStore(),
                configuration: BusConfiguration(),
                transactionalHandlers: [TransactionalHandler.journal]
            )
        }
        let bus = bus(wrong)
        let error = await #expect(throws: BankError.self) { try await bus.send(.open(owner: "Ada"), to: .ada) }
        #expect(error.map { if case .handlerFailed = $0 { true } else { false } } == true)
        #expect(try await store.head() == 0)
    }
}

private struct OverLimit: Error {}

extension TransactionalHandler {
    fileprivate static var journal: TransactionalHandler {
        TransactionalHandler(BankAccount.self, InMemoryTransaction.self) { event, transaction in
            let lines: [String] = try transaction.value(of: "journal") ?? []
            try transaction.set(lines + ["\(event.aggregateID) \(event.version) @\(event.position)"], of: "journal")
        }
    }

    fileprivate static func mark(_ text: String) -> TransactionalHandler {
        TransactionalHandler(BankAccount.self, InMemoryTransaction.self) { _, transaction in
            let marks: [String] = try transaction.value(of: "marks") ?? []
            try transaction.set(marks + [text], of: "marks")
        }
    }

    fileprivate static func limit(of limit: Int) -> TransactionalHandler {
        TransactionalHandler(BankAccount.self, InMemoryTransaction.self) { event, transaction in
            if case .deposited(let amount) = event.event, amount > limit { throw OverLimit() }
        }
    }
}

/// What somebody writes who wants to get round the rules.
private final class Kept: Sendable {
    private nonisolated(unsafe) var transaction: InMemoryTransaction?

    func keep(_ transaction: InMemoryTransaction) {
        unsafe self.transaction = transaction
    }

    func use() throws {
        try unsafe transaction?.set(1, of: "late")
    }
}
