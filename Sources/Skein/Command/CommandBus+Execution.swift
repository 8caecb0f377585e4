import Metrics
import Synchronization
import Tracing

extension CommandBus {
    /// Carries a command out after the middleware has let it through.
    func execute<A: Aggregate>(
        _ request: CommandRequest<A>,
        _ read: (@Sendable (A) -> any Sendable)?
    ) async throws(CommandError<A.Rejection>) -> Answer<A> {
        let environment = runtime.configuration.environment
        let instruments = runtime.instruments
        let commandID = request.options.id ?? environment.identifiers.next(at: environment.time.now())
        let span = instruments.span("skein.send")
        let pending: PendingCommand<A>
        do throws(InvalidInput) {
            try request.options.expectedVersion.validate()
            let metadata = metadata(of: request.options, commandID: commandID, span)
            try metadata.validate()
            pending = PendingCommand(
                .command(request.command),
                id: commandID,
                fingerprint: request.options.id == nil ? 0 : StructuralFingerprint.of(request.command),
                expectedVersion: request.options.expectedVersion,
                deadline: deadline(request.options.timeout),
                metadata: metadata,
                reply: read,
                trace: span?.context,
                waitSpan: instruments.span("skein.wait", in: span?.context),
                admittedAt: instruments.metrics.isEnabled ? environment.time.uptime() : nil
            )
        } catch {
            span.end(error)
            throw .invalidInput(error)
        }
        span?.describe(request, commandID)
        do throws(CommandError<A.Rejection>) {
            let answer = try await perform(pending, on: request.aggregateID)
            span?.attributes[SpanKey.version] = answer.receipt.version
            span.end()
            return answer
        } catch {
            span.end(error)
            throw error
        }
    }

    /// Takes a command through its aggregate's mailbox.
    func perform<A: Aggregate>(
        _ pending: PendingCommand<A>,
        on id: AggregateID<A>
    ) async throws(CommandError<A.Rejection>) -> Answer<A> {
        guard lifecycle.enter() else { throw .shuttingDown }
        defer { lifecycle.leave() }
        let host: AggregateHost<A>
        do { host = try self.host(for: A.self) } catch { throw .invalidInput(error) }
        let resident = try host.checkOut(id)
        var isInDoubt = false
        defer { host.checkIn(resident, isInDoubt: isInDoubt) }
        guard !CommandScope.contains(resident.value) else { throw .reentrant }
        let limit = runtime.configuration.mailboxLimit
        switch resident.value.mailbox.withLock({ $0.admit(pending, limit: limit) }) {
        case .refused:
            runtime.instruments.metrics.overloads.increment()
            throw .overloaded(.mailbox(limit: limit))
        case .lead:
            _ = pending.claim()
        case .wait:
            if case .answered(let outcome) = await wait(for: pending) { return try outcome.get() }
        }
        isInDoubt = await resident.value.lead(pending, host)
        guard let outcome = pending.outcome else { throw .cancelled }
        return try outcome.get()
    }

    /// Waits in the mailbox, but for a queued command no longer than its deadline.
    private func wait<A: Aggregate>(for pending: PendingCommand<A>) async -> PendingCommand<A>.Signal {
        guard let deadline = pending.deadline else { return await pending.wait() }
        let time = runtime.configuration.environment.time
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard (try? await time.sleep(for: deadline - time.uptime())) != nil else { return }
                pending.drop(because: .deadlineExceeded)
            }
            let signal = await pending.wait()
            group.cancelAll()
            return signal
        }
    }

    func deadline(_ timeout: Duration?) -> Duration? {
        (timeout ?? runtime.configuration.commandTimeout).map { runtime.configuration.environment.time.uptime() + $0 }
    }

    private func metadata(of options: CommandOptions, commandID: CommandID, _ span: (any Span)?) -> EventMetadata {
        let context = MessageContext.current
        var metadata = EventMetadata(
            correlationID: options.correlationID ?? context?.correlationID ?? CorrelationID(commandID),
            causationID: options.causationID ?? context?.causationID ?? CausationID(commandID),
            entries: options.metadata
        )
        if let span, let tracer = runtime.instruments.tracer {
            tracer.inject(span.context, into: &metadata.entries, using: EntriesInjector())
        }
        return metadata
    }
}

extension Span {
    fileprivate func describe<A: Aggregate>(_ request: CommandRequest<A>, _ commandID: CommandID) {
        guard isRecording else { return }
        attributes[SpanKey.aggregate] = A.aggregateName
        attributes[SpanKey.aggregateID] = request.aggregateID.value
        attributes[SpanKey.command] = CommandName.of(request.command)
        attributes[SpanKey.commandID] = commandID.description
    }
}

/// A command's name for people: the case of an enum, else the type.
enum CommandName {
    static func of(_ command: some Any) -> String {
        let mirror = Mirror(reflecting: command)
        guard mirror.displayStyle == .enum else { return String(describing: type(of: command)) }
        return mirror.children.first?.label ?? String(describing: command)
    }
}

struct EntriesInjector: Injector {
    func inject(_ value: String, forKey key: String, into entries: inout [String: String]) {
        entries[key] = value
    }
}

struct EntriesExtractor: Extractor {
    func extract(key: String, from entries: [String: String]) -> String? {
        entries[key]
    }
}
