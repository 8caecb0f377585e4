import Metrics
import Tracing

extension AggregateActor {
    /// Decides one command after the other on the evolving state. Nothing here suspends.
    ///
    /// The plan covers a prefix of the commands: as many as fit into one append.
    func decide(
        _ batch: ArraySlice<PendingCommand>,
        known: [CommandID: KnownCommand],
        _ runtime: BusRuntime
    ) -> CommandPlan {
        var plan = CommandPlan(appliesAtOnce: batch.count > 1)
        let now = batch.contains { $0.deadline != nil } ? runtime.time.uptime() : nil
        for pending in batch {
            guard add(pending, known: known, at: now, to: &plan, runtime) else { break }
        }
        return plan
    }

    /// Decides one command alone, with nothing known of it.
    func decide(_ pending: PendingCommand, _ runtime: BusRuntime) -> CommandPlan {
        var plan = CommandPlan(appliesAtOnce: false)
        let now = pending.deadline == nil ? nil : runtime.time.uptime()
        _ = add(pending, known: [:], at: now, to: &plan, runtime)
        return plan
    }

    /// Adds what a command comes to; false if it has to wait for the next plan.
    private func add(
        _ pending: PendingCommand,
        known: [CommandID: KnownCommand],
        at now: Duration?,
        to plan: inout CommandPlan,
        _ runtime: BusRuntime
    ) -> Bool {
        let evolving = version + Int64(plan.eventCount)
        // What is known goes first: it may be this very command, stored by an append whose answer was lost.
        if !known.isEmpty, !pending.isRead, let known = known[pending.id] {
            plan.add(pending, answering: answer(to: pending, from: known, isStateThere: true, runtime))
        } else if let reason = pending.reasonToDrop(at: now) {
            plan.add(pending, answering: .failure(reason))
        } else if !pending.expectedVersion.allows(evolving) {
            plan.add(pending, refusing: .conflict(expected: pending.expectedVersion, actual: evolving))
        } else if pending.isRead {
            plan.add(pending, answering: unchanged(pending, state.answer(to: pending), version: evolving))
        } else {
            // The same id twice in one batch: the second finds the first in the store.
            if pending.fingerprint != 0, plan.commands.contains(where: { $0.id == pending.id }) { return false }
            let span = runtime.instruments.span("skein.decide", of: stream, in: pending.span)
            defer { span?.end() }
            return decide(pending, version: evolving, into: &plan, runtime)
        }
        return true
    }

    /// Decides one command; false if its events do not fit into the plan any more.
    private func decide(
        _ pending: PendingCommand,
        version: Int64,
        into plan: inout CommandPlan,
        _ runtime: BusRuntime
    ) -> Bool {
        switch state.decide(pending) {
        case .events(let events, let content):
            guard plan.hasRoom(for: events, limits: runtime.limits) else { return false }
            if plan.appliesAtOnce { state.applyDecided() }
            let answer = content ?? (plan.appliesAtOnce ? state.answer(to: pending) : nil)
            plan.add(pending, storing: events, content: answer)
        case .nothing(let content):
            if pending.fingerprint == 0 {
                plan.add(pending, answering: unchanged(pending, content, version: version))
            } else {
                plan.add(pending, storing: [], content: content)
            }
        case .rejected(let rejection, let encoded?):
            plan.add(pending, storing: rejection, encoded: encoded)
        case .rejected(let rejection, nil):
            plan.add(pending, answering: .failure(.rejected(rejection)))
        case .failed(let error):
            plan.add(pending, refusing: error)
        }
        return true
    }

    /// What a command that is known already came to, the first time.
    func answer(
        to pending: PendingCommand,
        from known: KnownCommand,
        isStateThere: Bool,
        _ runtime: BusRuntime
    ) -> PendingCommand.Outcome {
        guard known.stream == stream, known.fingerprint == pending.fingerprint else {
            return .failure(.other(.commandIDReused(pending.id)))
        }
        runtime.instruments.metrics.repeats.increment()
        do throws(EventCodingError) {
            return try state.answer(to: pending, from: known, isStateThere: isStateThere)
        } catch {
            return .failure(.other(.coding(error)))
        }
    }

    private func unchanged(
        _ pending: PendingCommand,
        _ content: AnswerContent,
        version: Int64
    ) -> PendingCommand.Outcome {
        .success(Answer(commandID: pending.id, version: version, position: position, content: content))
    }
}
