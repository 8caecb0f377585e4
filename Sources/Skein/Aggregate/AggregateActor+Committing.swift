import Logging
import Metrics
import Tracing

extension AggregateActor {
    enum Commitment {
        /// Every command of the plan was answered.
        case done
        /// Nothing was stored: some commands are known, the others must be decided again.
        case known([KnownCommand])
    }

    /// Stores a plan and answers its commands. If it throws, none is answered and the phase says what the state is worth.
    func commit(
        _ plan: CommandPlan,
        isFresh: Bool,
        _ runtime: BusRuntime
    ) async throws(ServingError) -> Commitment {
        guard !plan.commands.isEmpty else {
            if !isFresh { try await verify(runtime) }
            await answer(plan, eventsAfter: position, runtime)
            return .done
        }
        let append = StreamAppend(stream: stream, expecting: .exactly(version), commands: plan.commands)
        let result: AppendResult
        do throws(ServingError) {
            result = try await store(append, plan, runtime)
        } catch {
            if plan.appliesAtOnce, !isInDoubt { forget() }
            if error.isConflict {
                runtime.instruments.metrics.conflicts.increment()
                if case .ready = phase { phase = .stale }
            }
            throw error
        }
        switch result {
        case .stored(let receipt):
            let (versionBefore, positionBefore) = (version, position)
            take(plan, receipt)
            await answer(plan, eventsAfter: positionBefore, runtime)
            if let rule = kind.snapshotRule, rule.isDue(from: versionBefore, to: version) {
                await saveSnapshot(by: rule, runtime)
            }
            return .done
        case .known(let known):
            if plan.appliesAtOnce { forget() }
            return .known(known)
        }
    }

    /// Stores a decided plan that changes something, and answers its commands; false if it is up to the usual way.
    ///
    /// Then nothing was stored. For plans of one command, whose events are not applied yet.
    func commitAtOnce(_ plan: CommandPlan, in store: any ImmediateEventStore, _ runtime: BusRuntime) -> Bool {
        guard !plan.commands.isEmpty else { return false }
        let append = StreamAppend(stream: stream, expecting: .exactly(version), commands: plan.commands)
        guard case .stored(let receipt)? = try? store.appendAtOnce(append) else { return false }
        let before = position
        take(plan, receipt)
        _ = answer(plan, from: 0, eventsAfter: before, runtime)
        return true
    }

    @inline(__always)
    private func store(
        _ append: StreamAppend,
        _ plan: CommandPlan,
        _ runtime: BusRuntime
    ) async throws(ServingError) -> AppendResult {
        let metrics = runtime.instruments.metrics
        let span = runtime.instruments.span("skein.append", of: stream, in: plan.span)
        span?.attributes[SpanKey.commands] = plan.commands.count
        span?.attributes[SpanKey.events] = plan.eventCount
        let start = metrics.isEnabled ? runtime.time.uptime() : .zero
        defer {
            if metrics.isEnabled {
                metrics.appendDuration.record(duration: runtime.time.uptime() - start)
                metrics.batchSize.record(plan.commands.count)
            }
        }
        do {
            let result = try await runtime.append(append)
            span?.end()
            return result
        } catch  where error.code == .outcomeUnknown {
            span?.end(error)
            metrics.unknownOutcomes.increment()
            phase = .inDoubt(append)
            let timeout = runtime.configuration.outcomeTimeout
            guard let result = await repeatUntilKnown(append, runtime, within: timeout) else { throw .outcomeUnknown }
            // The state that the plan was made from is still there, if nothing was applied to it.
            if !plan.appliesAtOnce || result.isStored { phase = .ready }
            return try result.get()
        } catch {
            span?.end(error)
            throw .store(error)
        }
    }

    /// Repeats an append whose outcome is unknown until the store tells, which ends the doubt; nil if it does not in time.
    func repeatUntilKnown(
        _ append: StreamAppend,
        _ runtime: BusRuntime,
        within timeout: Duration
    ) async -> ResolvedAppend? {
        let end = runtime.time.uptime() + timeout
        var failures = 0
        while true {
            do {
                let result = try await runtime.append(append)
                phase = .cold
                return .success(result)
            } catch {
                // Only what is checked after the command ids proves that the original is not stored.
                switch error.code {
                case .conflict, .streamDeleted, .duplicateEvent, .handlerFailed:
                    phase = .cold
                    return .failure(.store(error))
                default:
                    failures += 1
                }
                guard runtime.time.uptime() < end, !Task.isCancelled else {
                    runtime.instruments.logger.error(
                        "The outcome of an append is unknown; the aggregate waits until it is resolved.",
                        metadata: ["stream": "\(stream)", "error": "\(error)"]
                    )
                    return nil
                }
            }
            await backOff(failures, runtime)
        }
    }

    /// Makes sure that answers which store nothing were not decided on an old state.
    private func verify(_ runtime: BusRuntime) async throws(ServingError) {
        do throws(EventStoreError) {
            let actual = try await runtime.store.version(of: stream)
            guard actual != version else { return }
            phase = .stale
            throw EventStoreError(
                .conflict(expected: .exactly(version), actual: actual),
                "others have stored events"
            )
        } catch {
            throw .store(error)
        }
    }

    private func take(_ plan: CommandPlan, _ receipt: AppendReceipt) {
        phase = .ready
        guard plan.eventCount > 0 else { return }
        if !plan.appliesAtOnce { state.applyDecided() }
        version = receipt.version
        position = receipt.position
    }

    /// Answers the commands of a plan that the store has agreed to.
    ///
    /// Inlined, as hardly any plan has refusals and an asynchronous frame costs more than the answers.
    @inline(__always)
    private func answer(_ plan: CommandPlan, eventsAfter before: Int64, _ runtime: BusRuntime) async {
        runtime.instruments.metrics.commands.increment(by: plan.commandCount)
        var refused = answer(plan, from: 0, eventsAfter: before, runtime)
        while let index = refused, case .refused(let error) = plan.drafts[index].draft {
            let pending = plan.drafts[index].pending
            pending.answer(await firstOutcome(of: pending, or: error, runtime))
            refused = answer(plan, from: index + 1, eventsAfter: before, runtime)
        }
    }

    /// Answers commands up to the first one that was refused, and returns the index of that one.
    private func answer(
        _ plan: CommandPlan,
        from start: Int,
        eventsAfter before: Int64,
        _ runtime: BusRuntime
    ) -> Int? {
        let metrics = runtime.instruments.metrics
        for index in start..<plan.drafts.count {
            let pending = plan.drafts[index].pending
            switch plan.drafts[index].draft {
            case .stored(let content, let eventsThrough):
                let later = Int64(plan.eventCount - eventsThrough)
                let answer = Answer(
                    commandID: pending.id,
                    version: version - later,
                    position: eventsThrough == 0 ? before : position - later,
                    content: content ?? state.answer(to: pending)
                )
                pending.answer(.success(answer))
            case .rejected(let rejection):
                metrics.rejections.increment()
                pending.answer(.failure(.rejected(rejection)))
            case .answer(let outcome):
                if case .failure(.rejected) = outcome { metrics.rejections.increment() }
                pending.answer(outcome)
            case .refused:
                return index
            }
        }
        return nil
    }

    /// A command that is refused now may be the repetition of one that was not.
    private func firstOutcome(
        of pending: PendingCommand,
        or error: CommandError<Never>,
        _ runtime: BusRuntime
    ) async -> PendingCommand.Outcome {
        do {
            if pending.fingerprint != 0, let known = try await runtime.store.outcome(of: pending.id) {
                return answer(to: pending, from: known, isStateThere: true, runtime)
            }
            return .failure(.other(error))
        } catch {
            return .failure(.other(.store(error)))
        }
    }

    private func saveSnapshot(by rule: AggregateKind.SnapshotRule, _ runtime: BusRuntime) async {
        do {
            let snapshot = Snapshot(
                stream: stream,
                version: version,
                shapeVersion: rule.shapeVersion,
                payload: try state.encoded()
            )
            try await runtime.store.save(snapshot)
        } catch {
            runtime.instruments.logger.warning(
                "A snapshot could not be saved; the events are all there.",
                metadata: ["stream": "\(stream)", "error": "\(error)"]
            )
        }
    }
}

/// What repeating an append has told.
typealias ResolvedAppend = Result<AppendResult, ServingError>

extension ResolvedAppend {
    fileprivate var isStored: Bool {
        if case .success(.stored) = self { true } else { false }
    }
}
