import Tracing

extension CommandBus {
    /// Sends a command and returns once its events are stored.
    ///
    /// - Parameters:
    ///   - command: What is asked of the aggregate.
    ///   - id: The aggregate.
    ///   - options: The command's id, expected version, timeout, metadata, and what to wait for.
    public func send<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        options: CommandOptions = .standard
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        var reply: (any Sendable)?
        return try await deliver(CommandRequest(command: command, aggregateID: id, options: options), nil, &reply)
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
        var reply: (any Sendable)?
        let request = CommandRequest<A>(command: command, aggregateID: id, options: options)
        _ = try await deliver(request, { read($0) }, &reply)
        if let reply = reply as? Reply { return reply }
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
        let pending = PendingCommand<A>(
            .read,
            id: CommandID(high: 0, low: 0),
            deadline: deadline(nil),
            reply: { read($0) }
        )
        guard let value = try await perform(pending, on: id).reply as? Value else { throw .cancelled }
        return value
    }

    private func deliver<A: Aggregate>(
        _ request: CommandRequest<A>,
        _ read: (@Sendable (A) -> any Sendable)?,
        _ reply: inout (any Sendable)?
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        let answer: Answer<A>
        if middleware.isEmpty {
            answer = try await execute(request, read)
        } else {
            answer = try await pass(request, read, through: middleware[...])
        }
        reply = answer.reply
        if !request.options.awaiting.isEmpty { try await waitForSubscriptions(of: answer.receipt, request.options) }
        return answer.receipt
    }

    private func pass<A: Aggregate>(
        _ request: CommandRequest<A>,
        _ read: (@Sendable (A) -> any Sendable)?,
        through middleware: ArraySlice<any CommandMiddleware>
    ) async throws(CommandError<A.Rejection>) -> Answer<A> {
        guard let first = middleware.first else { return try await execute(request, read) }
        var reply: (any Sendable)?
        let receipt = try await first.handle(request) { request throws(CommandError<A.Rejection>) in
            let answer = try await pass(request, read, through: middleware.dropFirst())
            reply = answer.reply
            return answer.receipt
        }
        return Answer(receipt: receipt, reply: reply)
    }
}
