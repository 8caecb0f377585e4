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
        _ plan: CommandPlan<A>,
        isFresh: Bool,
        _ host: AggregateHost<A>
    ) async throws(ServingError) -> Commitment {
        guard !plan.commands.isEmpty else {
            if !isFresh { try await verify(host) }
            await answer(plan, after: nil, host)
            return .done
        }
        let append = StreamAppend(stream: id.stream, expecting: .exactly(version), commands: plan.commands)
        let result: AppendResult
        do throws(ServingError) {
            result = try await store(append, plan, host)
        } catch {
            if plan.appliesAtOnce, !isInDoubt { forget() }
            if error.isConflict {
                host.instruments.metrics.conflicts.increment()
                if case .ready = phase { phase = .stale }
            }
            throw error
        }
        switch result {
        case .stored(let receipt):
            let before = version
            take(plan, receipt)
            await answer(plan, after: receipt, host)
            await saveSnapshot(ifDueSince: before, host)
            return .done
        case .known(let known):
            if plan.appliesAtOnce { forget() }
            return .known(known)
        }
    }

    private func store(
        _ append: StreamAppend,
        _ plan: CommandPlan<A>,
        _ host: AggregateHost<A>
    ) async throws(ServingError) -> AppendResult {
        let metrics = host.instruments.metrics
        let span = host.instruments.span("skein.append", in: plan.drafts.first?.pending.trace)
        span?.attributes[SpanKey.commands] = plan.commands.count
        span?.attributes[SpanKey.events] = plan.eventCount
        let start = metrics.isEnabled ? host.time.uptime() : .zero
        defer {
            if metrics.isEnabled {
                metrics.appendDuration.record(duration: host.time.uptime() - start)
                metrics.batchSize.record(plan.commands.count)
            }
        }
        do {
            let result = try await host.store.append(append)
            span.end()
            return result
        } catch  where error.code == .outcomeUnknown {
            span.end(error)
            metrics.unknownOutcomes.increment()
            phase = .inDoubt(append)
            let timeout = host.configuration.outcomeTimeout
            guard let result = await repeatUntilKnown(append, host, within: timeout) else { throw .outcomeUnknown }
            // The state that the plan was made from is still there, if nothing was applied to it.
            if !plan.appliesAtOnce || result.isStored { phase = .ready }
            return try result.get()
        } catch {
            span.end(error)
            throw .store(error)
        }
    }

    /// Repeats an append whose outcome is unknown until the store tells, which ends the doubt; nil if it does not in time.
    func repeatUntilKnown(
        _ append: StreamAppend,
        _ host: AggregateHost<A>,
        within timeout: Duration
    ) async -> ResolvedAppend? {
        let end = host.time.uptime() + timeout
        var failures = 0
        while true {
            do {
                let result = try await host.store.append(append)
                phase = .cold
                return .success(result)
            } catch {
                // Only what is checked after the command ids proves that the original is not stored.
                switch error.code {
                case .conflict, .streamDeleted, .duplicateEvent:
                    phase = .cold
                    return .failure(.store(error))
                default:
                    failures += 1
                }
                guard host.time.uptime() < end, !Task.isCancelled else {
                    host.instruments.logger.error(
                        "The outcome of an append is unknown; the aggregate waits until it is resolved.",
                        metadata: ["stream": "\(id.stream)", "error": "\(error)"]
                    )
                    return nil
                }
            }
            await backOff(failures, host)
        }
    }

    /// Makes sure that answers which store nothing were not decided on an old state.
    private func verify(_ host: AggregateHost<A>) async throws(ServingError) {
        do throws(EventStoreError) {
            let actual = try await host.store.version(of: id.stream)
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

    private func take(_ plan: CommandPlan<A>, _ receipt: AppendReceipt) {
        phase = .ready
        guard plan.eventCount > 0 else { return }
        if !plan.appliesAtOnce {
            for case (_, .stored(let events, _, _, _)) in plan.drafts {
                for event in events { state.apply(event) }
            }
        }
        version = receipt.version
        position = receipt.position
    }

    private func answer(_ plan: CommandPlan<A>, after receipt: AppendReceipt?, _ host: AggregateHost<A>) async {
        host.instruments.metrics.commands.increment(by: plan.drafts.count)
        for (pending, draft) in plan.drafts {
            switch draft {
            case .answer(let outcome):
                if case .failure(.rejected) = outcome { host.instruments.metrics.rejections.increment() }
                pending.answer(outcome)
            case .unmetExpectation(let actual):
                pending.answer(await firstOutcome(of: pending, orConflictAt: actual, host))
            case .stored(_, let rejection?, _, _):
                host.instruments.metrics.rejections.increment()
                pending.answer(.failure(.rejected(rejection)))
            case .stored(let events, nil, let eventsThrough, let reply):
                let missing = Int64(plan.eventCount - eventsThrough)
                let receipt = CommandReceipt<A>(
                    commandID: pending.id,
                    version: (receipt?.version ?? version) - missing,
                    position: events.isEmpty ? position : (receipt?.position ?? position) - missing,
                    events: events
                )
                let reply = reply ?? (plan.appliesAtOnce ? nil : pending.reply?(state))
                pending.answer(.success(Answer(receipt: receipt, reply: reply)))
            }
        }
    }

    /// A command whose expectation is not met may be the repetition of one whose was.
    private func firstOutcome(
        of pending: PendingCommand<A>,
        orConflictAt actual: Int64,
        _ host: AggregateHost<A>
    ) async -> PendingCommand<A>.Outcome {
        do {
            if pending.fingerprint != 0, let known = try await host.store.outcome(of: pending.id) {
                return answer(to: pending, from: known, host)
            }
            return .failure(.conflict(expected: pending.expectedVersion, actual: actual))
        } catch {
            return .failure(.store(error))
        }
    }

    private func saveSnapshot(ifDueSince before: Int64, _ host: AggregateHost<A>) async {
        guard let snapshots = host.snapshots, snapshots.isDue(from: before, to: version) else { return }
        do {
            let snapshot = Snapshot(
                stream: id.stream,
                version: version,
                shapeVersion: snapshots.shapeVersion,
                payload: try snapshots.encode(state)
            )
            try await host.store.save(snapshot)
        } catch {
            host.instruments.logger.warning(
                "A snapshot could not be saved; the events are all there.",
                metadata: ["stream": "\(id.stream)", "error": "\(error)"]
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
