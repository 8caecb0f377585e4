import Skein
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct MiddlewareTests {
    @Test func `the first middleware is the outermost`() async throws {
        let trail = Trail()
        let bus = CommandBus(
            store: InMemoryEventStore(),
            middleware: [Marking(name: "outer", trail: trail), Marking(name: "inner", trail: trail)]
        )
        try await bus.send(.open(owner: "Ada"), to: .ada)
        #expect(trail.marks == ["outer in", "inner in", "inner out", "outer out"])
        #expect(try await bus.send(.deposit(amount: 2), to: .ada) { $0.balance } == 2)
    }

    // case 61
    @Test func `a request may be changed, and metadata added`() async throws {
        let store = InMemoryEventStore()
        let id = CommandID.fresh()
        let enriching = Changing { options in
            options.metadata["tenant"] = "7"
            options.id = id
        }
        let bus = CommandBus(store: store, middleware: [enriching])
        let receipt = try await bus.send(.open(owner: "Ada"), to: .ada, options: CommandOptions(metadata: ["own": "1"]))
        #expect(receipt.commandID == id)
        #expect(try await store.log().first?.metadata.entries == ["tenant": "7", "own": "1"])
        #expect(try await bus.send(.open(owner: "Ada"), to: .ada).isRepeated)
    }

    @Test func `a refused command is not carried out`() async throws {
        let store = InMemoryEventStore()
        let trail = Trail()
        let bus = CommandBus(store: store, middleware: [Refusing(), Marking(name: "inner", trail: trail)])
        do throws(BankError) {
            try await bus.send(.open(owner: "Ada"), to: .ada)
            Issue.record("it went through")
        } catch .refused(let error) {
            #expect(error is Refusing.Reason)
        } catch {
            Issue.record(error)
        }
        #expect(trail.marks.isEmpty)
        #expect(try await store.head() == 0)
    }

    // case 63
    @Test func `an answer of a middleware is returned and the command is not carried out`() async throws {
        let store = InMemoryEventStore()
        try await CommandBus(store: store).send(.open(owner: "Ada"), to: .ada)
        let bus = CommandBus(store: store, middleware: [Answering()])
        let receipt = try await bus.send(.open(owner: "Eve"), to: .ada)
        #expect(receipt.version == 42)
        #expect(try await store.head() == 1)
        // A reply is then read from the present state.
        #expect(try await bus.send(.open(owner: "Eve"), to: .ada) { $0.owner } == "Ada")
    }

    @Test func `a middleware may try again`() async throws {
        let store = FaultyStore()
        store.fail(.append, .full)
        let bus = CommandBus(store: store, middleware: [TryingTwice()])
        #expect(try await bus.send(.open(owner: "Ada"), to: .ada) { $0.owner } == "Ada")
        #expect(store.count(.append) == 2)
    }

    @Test func `a rejection passes the middleware in its type`() async throws {
        let bus = CommandBus(store: InMemoryEventStore(), middleware: [Marking(name: "m", trail: Trail())])
        await #expect(throws: BankError.rejected(.notOpen)) { try await bus.send(.deposit(amount: 1), to: .ada) }
    }
}

private final class Trail: Sendable {
    private let state = Mutex<[String]>([])
    var marks: [String] { state.withLock { $0 } }
    func mark(_ text: String) { state.withLock { $0.append(text) } }
}

private struct Marking: CommandMiddleware {
    let name: String
    let trail: Trail

    func handle<A: Aggregate>(
        _ request: CommandRequest<A>,
        next: (CommandRequest<A>) async throws(CommandError<A.Rejection>) -> CommandReceipt<A>
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        trail.mark("\(name) in")
        let receipt = try await next(request)
        trail.mark("\(name) out")
        return receipt
    }
}

private struct Changing: CommandMiddleware {
    let change: @Sendable (inout CommandOptions) -> Void

    func handle<A: Aggregate>(
        _ request: CommandRequest<A>,
        next: (CommandRequest<A>) async throws(CommandError<A.Rejection>) -> CommandReceipt<A>
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        var request = request
        change(&request.options)
        return try await next(request)
    }
}

private struct Refusing: CommandMiddleware {
    struct Reason: Error {}

    func handle<A: Aggregate>(
        _ request: CommandRequest<A>,
        next: (CommandRequest<A>) async throws(CommandError<A.Rejection>) -> CommandReceipt<A>
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        throw .refused(Reason())
    }
}

private struct Answering: CommandMiddleware {
    func handle<A: Aggregate>(
        _ request: CommandRequest<A>,
        next: (CommandRequest<A>) async throws(CommandError<A.Rejection>) -> CommandReceipt<A>
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        CommandReceipt(commandID: .fresh(), version: 42, position: 0)
    }
}

private struct TryingTwice: CommandMiddleware {
    func handle<A: Aggregate>(
        _ request: CommandRequest<A>,
        next: (CommandRequest<A>) async throws(CommandError<A.Rejection>) -> CommandReceipt<A>
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        do { return try await next(request) } catch { return try await next(request) }
    }
}
