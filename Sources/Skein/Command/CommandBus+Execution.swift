import Metrics
import Synchronization
import Tracing

extension CommandBus {
    /// Carries a command out after the middleware has let it through.
    @usableFromInline
    func execute(
        _ content: any CommandContent,
        on id: String,
        _ kind: AggregateKind,
        _ options: CommandOptions,
        _ fingerprint: UInt64
    ) async throws(CommandFailure) -> Answer {
        let commandID = options.id ?? runtime.identifiers.next(at: runtime.time.now())
        let span = runtime.instruments.span("skein.send")
        span?.describe(content, on: id, kind, commandID)
        do throws(CommandFailure) {
            let pending = try prepare(content, commandID, fingerprint, options, span)
            defer { pending.endWait() }
            let answer = try await perform(pending, on: StreamID(aggregate: kind.name, id: id), kind)
            span?.attributes[SpanKey.version] = answer.version
            span?.end()
            return answer
        } catch {
            span?.end(error)
            throw error
        }
    }

    /// Reads an aggregate after the commands that were sent before.
    func read(
        _ content: any CommandContent,
        of id: String,
        _ kind: AggregateKind
    ) async throws(CommandFailure) -> Answer {
        let pending = PendingCommand(content, id: CommandID(high: 0, low: 0), deadline: deadline(nil))
        return try await perform(pending, on: StreamID(aggregate: kind.name, id: id), kind)
    }

    /// The type as this bus knows it.
    @usableFromInline
    func kind<A: Aggregate>(of type: A.Type) throws(CommandFailure) -> AggregateKind {
        do throws(InvalidInput) {
            return try kinds.kind(of: type, runtime)
        } catch {
            throw .other(.invalidInput(error))
        }
    }

    /// Takes a command through its aggregate's mailbox.
    @inline(__always)
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
        // Only who leads knows; nil for all others.
        var isInDoubt: Bool?
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

    private func prepare(
        _ content: any CommandContent,
        _ commandID: CommandID,
        _ fingerprint: UInt64,
        _ options: CommandOptions,
        _ span: OpenSpan?
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
            span: span,
            waitSpan: span == nil ? nil : runtime.instruments.span("skein.wait", in: span),
            admittedAt: runtime.instruments.metrics.isEnabled ? runtime.time.uptime() : nil
        )
    }

    private func deadline(_ timeout: Duration?) -> Duration? {
        (timeout ?? runtime.configuration.commandTimeout).map { runtime.time.uptime() + $0 }
    }

    private func metadata(of options: CommandOptions, commandID: CommandID, _ span: OpenSpan?) -> EventMetadata {
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

extension OpenSpan {
    fileprivate func describe(
        _ content: any CommandContent,
        on id: String,
        _ kind: AggregateKind,
        _ commandID: CommandID
    ) {
        guard isRecording else { return }
        attributes[SpanKey.aggregate] = kind.name
        attributes[SpanKey.aggregateID] = id
        attributes[SpanKey.command] = content.commandName
        attributes[SpanKey.commandID] = commandID.description
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
