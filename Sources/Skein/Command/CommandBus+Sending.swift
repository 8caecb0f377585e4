import Tracing

extension CommandBus {
    /// Sends a command and returns once its events are stored.
    ///
    /// - Parameters:
    ///   - command: What is asked of the aggregate.
    ///   - id: The aggregate.
    ///   - options: The command's id, expected version, timeout, metadata, and what to wait for.
    @discardableResult
    public func send<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        options: CommandOptions = .standard
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        try await deliver(CommandRequest(command: command, aggregateID: id, options: options), nil).receipt
    }

    /// Sends a command and returns what the closure reads from the state that it leads to.
    ///
    /// The closure runs inside the aggregate's actor: keep it short. When the command is a repetition, or a middleware
    /// answers it, it reads the present state.
    public func send<A: Aggregate, Reply: Sendable>(
        _ command: A.Command,
        to id: AggregateID<A>,
        options: CommandOptions = .standard,
        reply read: @escaping @Sendable (A) -> Reply
    ) async throws(CommandError<A.Rejection>) -> Reply {
        let request = CommandRequest<A>(command: command, aggregateID: id, options: options)
        if let reply = try await deliver(request, { read($0) }).reply as? Reply { return reply }
        return try await state(of: id, read)
    }

    /// The aggregate's present state; that of a new one if it has no events.
    public func state<A: Aggregate>(of id: AggregateID<A>) async throws(CommandError<A.Rejection>) -> A {
        try await state(of: id) { $0 }
    }

    /// What the closure reads from the aggregate's present state, inside its actor, after all commands sent before.
    public func state<A: Aggregate, Value: Sendable>(
        of id: AggregateID<A>,
        _ read: @escaping @Sendable (A) -> Value
    ) async throws(CommandError<A.Rejection>) -> Value {
        let pending = PendingCommand(
            TypedContent<A>(command: nil, read: { read($0) }),
            id: CommandID(high: 0, low: 0),
            deadline: deadline(nil)
        )
        do throws(CommandFailure) {
            let answer = try await perform(pending, on: id)
            guard let value = (answer.content as? TypedAnswer<A>)?.reply as? Value else {
                throw .other(.cancelled)
            }
            return value
        } catch {
            throw CommandError(error)
        }
    }

    private func deliver<A: Aggregate>(
        _ request: CommandRequest<A>,
        _ read: (@Sendable (A) -> any Sendable)?
    ) async throws(CommandError<A.Rejection>) -> (receipt: CommandReceipt<A>, reply: (any Sendable)?) {
        let delivered =
            if middleware.isEmpty {
                try await execute(request, read)
            } else {
                try await pass(request, read, through: middleware[...])
            }
        if !request.options.awaiting.isEmpty {
            try await waitForSubscriptions(of: delivered.receipt, request.options)
        }
        return delivered
    }

    private func pass<A: Aggregate>(
        _ request: CommandRequest<A>,
        _ read: (@Sendable (A) -> any Sendable)?,
        through middleware: ArraySlice<any CommandMiddleware>
    ) async throws(CommandError<A.Rejection>) -> (receipt: CommandReceipt<A>, reply: (any Sendable)?) {
        guard let first = middleware.first else { return try await execute(request, read) }
        var reply: (any Sendable)?
        let receipt = try await first.handle(request) { request throws(CommandError<A.Rejection>) in
            let passed = try await pass(request, read, through: middleware.dropFirst())
            reply = passed.reply
            return passed.receipt
        }
        return (receipt, reply)
    }
}
