import Metrics
import Tracing

extension AggregateActor {
    /// Decides one command after the other on the evolving state. Nothing here suspends.
    ///
    /// The plan covers a prefix of the commands: as many as fit into one append.
    func decide(
        _ batch: ArraySlice<PendingCommand<A>>,
        known: [CommandID: KnownCommand],
        _ host: AggregateHost<A>
    ) -> CommandPlan<A> {
        var plan = CommandPlan<A>(appliesAtOnce: batch.count > 1)
        let now = batch.contains { $0.deadline != nil } ? host.time.uptime() : nil
        var evolving = version
        for pending in batch {
            if let reason = pending.reasonToDrop(at: now) {
                plan.add(pending, answering: .failure(reason))
            } else if let known = known[pending.id] {
                plan.add(pending, answering: answer(to: pending, from: known, host))
            } else if !pending.expectedVersion.allows(evolving) {
                plan.add(pending, atUnexpectedVersion: evolving)
            } else if case .command(let command) = pending.content {
                // The same id twice in one batch: the second finds the first in the store.
                if pending.fingerprint != 0, plan.commands.contains(where: { $0.id == pending.id }) { break }
                let span = host.instruments.span("skein.decide", in: pending.trace)
                let isPlanned = decide(command, of: pending, version: &evolving, into: &plan, host)
                span.end()
                if !isPlanned { break }
            } else {
                plan.add(pending, answering: .success(unchanged(pending, version: evolving)))
            }
        }
        return plan
    }

    /// Decides one command; false if its events do not fit into the plan any more.
    private func decide(
        _ command: A.Command,
        of pending: PendingCommand<A>,
        version evolving: inout Int64,
        into plan: inout CommandPlan<A>,
        _ host: AggregateHost<A>
    ) -> Bool {
        let events: [A.Event]
        do throws(A.Rejection) {
            events = try state.decide(command)
        } catch {
            reject(pending, with: error, into: &plan, host)
            return true
        }
        guard !events.isEmpty else {
            let reply = pending.reply?(state)
            if pending.fingerprint == 0 {
                plan.add(pending, answering: .success(unchanged(pending, version: evolving)))
            } else {
                plan.add(pending, storing: .nothing, reply: reply)
            }
            return true
        }
        let encoded: [NewEvent]
        do throws(CommandError<A.Rejection>) {
            encoded = try encode(events, of: pending, host)
        } catch {
            plan.add(pending, answering: .failure(error))
            return true
        }
        guard plan.hasRoom(for: encoded, limits: host.store.limits) else { return false }
        var reply: (any Sendable)?
        if plan.appliesAtOnce {
            for event in events { state.apply(event) }
            reply = pending.reply?(state)
        }
        evolving += Int64(events.count)
        plan.add(pending, storing: .events(encoded), events: events, reply: reply)
        return true
    }

    private func reject(
        _ pending: PendingCommand<A>,
        with rejection: A.Rejection,
        into plan: inout CommandPlan<A>,
        _ host: AggregateHost<A>
    ) {
        guard pending.fingerprint != 0 else {
            plan.add(pending, answering: .failure(.rejected(rejection)))
            return
        }
        do throws(EventCodingError) {
            let bytes = try host.configuration.coder.encode(rejection)
            plan.add(pending, storing: .rejection(bytes), rejection: rejection)
        } catch {
            plan.add(pending, answering: .failure(.coding(error)))
        }
    }

    private func encode(
        _ events: [A.Event],
        of pending: PendingCommand<A>,
        _ host: AggregateHost<A>
    ) throws(CommandError<A.Rejection>) -> [NewEvent] {
        let limits = host.store.limits
        guard events.count <= limits.eventsPerAppend else {
            throw .invalidInput(
                InvalidInput(
                    field: "command",
                    reason: "it made \(events.count) events, at most \(limits.eventsPerAppend) are allowed"
                )
            )
        }
        var encoded: [NewEvent] = []
        encoded.reserveCapacity(events.count)
        for (ordinal, event) in events.enumerated() {
            do {
                let (name, payload) = try host.codec.encode(event)
                let new = NewEvent(
                    id: EventID(command: pending.id, ordinal: ordinal),
                    name: name,
                    schemaVersion: A.Event.schemaVersion,
                    payload: payload,
                    metadata: pending.metadata
                )
                try new.validate(limits: limits)
                encoded.append(new)
            } catch let error as EventCodingError {
                throw .coding(error)
            } catch {
                throw .invalidInput(error as? InvalidInput ?? InvalidInput(field: "event", reason: "\(error)"))
            }
        }
        return encoded
    }

    /// What a command that is known already came to, the first time.
    func answer(
        to pending: PendingCommand<A>,
        from known: KnownCommand,
        _ host: AggregateHost<A>
    ) -> PendingCommand<A>.Outcome {
        guard known.stream == id.stream, known.fingerprint == pending.fingerprint else {
            return .failure(.commandIDReused(pending.id))
        }
        host.instruments.metrics.repeats.increment()
        do throws(EventCodingError) {
            var events: [A.Event] = []
            switch known.outcome {
            case .events(let stored):
                for event in stored { events.append(try host.codec.decode(event)) }
            case .rejection(let bytes):
                return .failure(.rejected(try host.configuration.coder.decode(A.Rejection.self, from: bytes)))
            case .nothing:
                break
            }
            let receipt = CommandReceipt<A>(
                commandID: pending.id,
                version: known.version,
                position: known.position,
                events: events,
                isRepeated: true
            )
            return .success(Answer(receipt: receipt, reply: pending.reply?(state)))
        } catch {
            return .failure(.coding(error))
        }
    }

    private func unchanged(_ pending: PendingCommand<A>, version: Int64) -> Answer<A> {
        Answer(
            receipt: CommandReceipt(commandID: pending.id, version: version, position: position),
            reply: pending.reply?(state)
        )
    }
}
