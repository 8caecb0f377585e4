import Tracing

extension CommandBus {
    /// Sends a command and returns once its events are stored.
    ///
    /// - Parameters:
    ///   - command: What is asked of the aggregate.
    ///   - id: The aggregate.
    ///   - options: The command's id, expected version, timeout, metadata, and what to wait for.
    @inlinable
    @discardableResult
    public func send<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        options: CommandOptions = .standard
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        guard middleware.isEmpty, options.awaiting.isEmpty else {
            return try await deliver(command, to: id, options)
        }
        // The usual way. Inlined into the caller, where the types are known and need not be looked up for every command.
        let fingerprint = options.id == nil ? 0 : StructuralFingerprint.of(command)
        do throws(CommandFailure) {
            let content = TypedCommand<A>(command, read: nil)
            return CommandReceipt(try await execute(content, on: id.value, kind(of: A.self), options, fingerprint))
        } catch {
            throw CommandError(error)
        }
    }

    /// Sends a command and returns once subscriptions have handled its events.
    ///
    /// - Parameters:
    ///   - command: What is asked of the aggregate.
    ///   - id: The aggregate.
    ///   - subscriptions: Their names; other processes may run them.
    ///   - timeout: How long to wait once the command is stored; then it is ``CommandError/notYetVisible(_:_:)``.
    @discardableResult
    public func send<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        awaiting subscriptions: [String],
        within timeout: Duration = .seconds(5)
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        try await send(
            command,
            to: id,
            options: CommandOptions(awaiting: subscriptions, awaitingTimeout: timeout)
        )
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
        // Unwrapped first: a missing reply would pass for the nil of an optional one.
        let delivered = try await deliver(command, to: id, options, read: { read($0) })
        if let reply = delivered.reply, let reply = reply as? Reply { return reply }
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
        do throws(CommandFailure) {
            let answer = try await self.read(TypedRead<A>({ read($0) }), of: id.value, kind(of: A.self))
            guard let value = TypedOutcome<A>(answer).reply as? Value else { throw .other(.cancelled) }
            return value
        } catch {
            throw CommandError(error)
        }
    }

    @usableFromInline
    func deliver<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        _ options: CommandOptions
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A> {
        try await deliver(command, to: id, options, read: nil).receipt
    }

    private func deliver<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        _ options: CommandOptions,
        read: TypedCommand<A>.Read?
    ) async throws(CommandError<A.Rejection>) -> TypedOutcome<A> {
        guard !middleware.isEmpty else { return try await execute(command, to: id, options, read: read) }
        let request = CommandRequest(command: command, aggregateID: id, options: options)
        return try await pass(request, read, through: middleware[...])
    }

    private func execute<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        _ options: CommandOptions,
        read: TypedCommand<A>.Read?
    ) async throws(CommandError<A.Rejection>) -> TypedOutcome<A> {
        let fingerprint = options.id == nil ? 0 : StructuralFingerprint.of(command)
        let outcome: TypedOutcome<A>
        do throws(CommandFailure) {
            let content = TypedCommand<A>(command, read: read)
            outcome = TypedOutcome(try await execute(content, on: id.value, kind(of: A.self), options, fingerprint))
        } catch {
            throw CommandError(error)
        }
        if !options.awaiting.isEmpty { try await waitForSubscriptions(of: outcome.receipt, options) }
        return outcome
    }

    private func pass<A: Aggregate>(
        _ request: CommandRequest<A>,
        _ read: TypedCommand<A>.Read?,
        through middleware: ArraySlice<any CommandMiddleware>
    ) async throws(CommandError<A.Rejection>) -> TypedOutcome<A> {
        guard let first = middleware.first else {
            return try await execute(request.command, to: request.aggregateID, request.options, read: read)
        }
        var reply: (any Sendable)?
        let receipt = try await first.handle(request) { request throws(CommandError<A.Rejection>) in
            let passed = try await pass(request, read, through: middleware.dropFirst())
            reply = passed.reply
            return passed.receipt
        }
        return TypedOutcome(receipt: receipt, reply: reply)
    }
}

/// What a command comes to, back in its type.
private struct TypedOutcome<A: Aggregate> {
    let receipt: CommandReceipt<A>
    let reply: (any Sendable)?

    init(receipt: CommandReceipt<A>, reply: (any Sendable)?) {
        self.receipt = receipt
        self.reply = reply
    }

    init(_ answer: Answer) {
        receipt = CommandReceipt(answer)
        reply = (answer.content as? TypedAnswer<A>)?.reply
    }
}

extension CommandReceipt {
    @inlinable
    init(_ answer: Answer) {
        self.init(
            commandID: answer.commandID,
            version: answer.version,
            position: answer.position,
            events: (answer.content as? TypedAnswer<A>)?.events ?? [],
            isRepeated: answer.isRepeated
        )
    }
}
