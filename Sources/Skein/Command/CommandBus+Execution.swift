import Metrics
import Synchronization
import Tracing

extension CommandBus {
    /// Carries a command out after the middleware has let it through.
    func execute<A: Aggregate>(
        _ request: CommandRequest<A>,
        _ read: (@Sendable (A) -> any Sendable)?
    ) async throws(CommandError<A.Rejection>) -> (receipt: CommandReceipt<A>, reply: (any Sendable)?) {
        let fingerprint = request.options.id == nil ? 0 : StructuralFingerprint.of(request.command)
        let span = runtime.instruments.span("skein.send")
        let commandID = request.options.id ?? newCommandID()
        span?.describe(request, commandID)
        do throws(CommandFailure) {
            let content = TypedContent<A>(command: request.command, read: read)
            let pending = try prepare(content, commandID, fingerprint, request.options, span)
            let answer = try await perform(pending, on: request.aggregateID)
            span?.attributes[SpanKey.version] = answer.version
            span.end()
            let typed = answer.content as? TypedAnswer<A>
            let receipt = CommandReceipt<A>(
                commandID: commandID,
                version: answer.version,
                position: answer.position,
                events: typed?.events ?? [],
                isRepeated: answer.isRepeated
            )
            return (receipt, typed?.reply)
        } catch {
            let error = CommandError<A.Rejection>(error)
            span.end(error)
            throw error
        }
    }

    /// Takes a command through its aggregate's mailbox.
    func perform<A: Aggregate>(
        _ pending: PendingCommand,
        on id: AggregateID<A>
    ) async throws(CommandFailure) -> Answer {
        let kind: AggregateKind
        do throws(InvalidInput) {
            kind = try self.kind(of: A.self)
        } catch {
            throw .other(.invalidInput(error))
        }
        return try await perform(pending, on: StreamID(aggregate: kind.name, id: id.value), kind)
    }

    private func perform(
        _ pending: PendingCommand,
        on stream: StreamID,
        _ kind: AggregateKind
    ) async throws(CommandFailure) -> Answer {
        guard lifecycle.enter() else { throw .other(.shuttingDown) }
        defer { lifecycle.leave() }
        let resident: Residency.Resident
        do throws(CommandError<Never>) {
            resident = try residency.checkOut(stream, kind)
        } catch {
            throw .other(error)
        }
        var isInDoubt = false
        defer { residency.checkIn(resident, isInDoubt: isInDoubt) }
        let aggregate = resident.value
        guard !CommandScope.contains(aggregate) else { throw .other(.reentrant) }
        let limit = runtime.configuration.mailboxLimit
        switch aggregate.mailbox.withLock({ $0.admit(pending, limit: limit) }) {
        case .refused:
            runtime.instruments.metrics.overloads.increment()
            throw .other(.overloaded(.mailbox(limit: limit)))
        case .lead:
            _ = pending.claim()
        case .wait:
            if case .answered(let outcome) = await wait(for: pending) { return try outcome.get() }
        }
        isInDoubt = await aggregate.lead(pending, runtime)
        guard let outcome = pending.outcome else { throw .other(.cancelled) }
        return try outcome.get()
    }

    private func prepare(
        _ content: any CommandContent,
        _ commandID: CommandID,
        _ fingerprint: UInt64,
        _ options: CommandOptions,
        _ span: (any Span)?
    ) throws(CommandFailure) -> PendingCommand {
        let metadata = metadata(of: options, commandID: commandID, span)
        do throws(InvalidInput) {
            try options.expectedVersion.validate()
            try metadata.validate()
        } catch {
            throw .other(.invalidInput(error))
        }
        return PendingCommand(
            content,
            id: commandID,
            fingerprint: fingerprint,
            expectedVersion: options.expectedVersion,
            deadline: deadline(options.timeout),
            metadata: metadata,
            trace: span?.context,
            waitSpan: span.flatMap { runtime.instruments.span("skein.wait", in: $0.context) },
            admittedAt: runtime.instruments.metrics.isEnabled ? runtime.time.uptime() : nil
        )
    }

    private func newCommandID() -> CommandID {
        runtime.identifiers.next(at: runtime.time.now())
    }

    /// Waits in the mailbox, but for a queued command no longer than its deadline.
    private func wait(for pending: PendingCommand) async -> PendingCommand.Signal {
        guard let deadline = pending.deadline else { return await pending.wait() }
        let time = runtime.time
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard (try? await time.sleep(for: deadline - time.uptime())) != nil else { return }
                pending.drop(because: .other(.deadlineExceeded))
            }
            let signal = await pending.wait()
            group.cancelAll()
            return signal
        }
    }

    func deadline(_ timeout: Duration?) -> Duration? {
        (timeout ?? runtime.configuration.commandTimeout).map { runtime.time.uptime() + $0 }
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
