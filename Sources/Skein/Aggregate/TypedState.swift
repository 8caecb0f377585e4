/// The state of an aggregate of one type: where the domain's code is called.
///
/// It counts over its arrays: their iterators would be generic here, and made anew for every command.
final class TypedState<A: Aggregate>: AggregateState {
    private let coding: AggregateCoding<A>
    private var state = A()
    private var decided: [A.Event] = []

    init(_ coding: AggregateCoding<A>) {
        self.coding = coding
    }

    func reset() {
        state = A()
        decided = []
    }

    func apply(_ stored: StoredEvent) throws(EventCodingError) {
        state.apply(try coding.codec.decode(stored))
    }

    func decide(_ pending: PendingCommand) -> Decision {
        guard let content = pending.content as? TypedCommand<A> else { return mismatch }
        let events: [A.Event]
        do throws(A.Rejection) {
            events = try state.decide(content.command)
        } catch {
            return reject(pending, with: error)
        }
        decided = events
        guard events.count > 0 else { return .nothing(content: answer(to: content)) }
        do throws(CommandError<Never>) {
            let encoded = try encode(events, of: pending)
            return .events(encoded, content: content.read == nil ? TypedAnswer<A>(events: events, reply: nil) : nil)
        } catch {
            return .failed(error)
        }
    }

    func applyDecided() {
        let events = decided
        for index in 0..<events.count { state.apply(events[index]) }
    }

    func forgetDecided() {
        decided = []
    }

    func answer(to pending: PendingCommand) -> AnswerContent {
        if let content = pending.content as? TypedCommand<A> { return answer(to: content) }
        return TypedAnswer<A>(events: [], reply: (pending.content as? TypedRead<A>)?.read(state))
    }

    func answer(
        to pending: PendingCommand,
        from known: KnownCommand,
        isStateThere: Bool
    ) throws(EventCodingError) -> PendingCommand.Outcome {
        guard let content = pending.content as? TypedCommand<A> else { return .failure(.other(.cancelled)) }
        var events: [A.Event] = []
        switch known.outcome {
        case .events(let stored):
            for event in stored { events.append(try coding.codec.decode(event)) }
        case .rejection(let bytes):
            return .failure(.rejected(try coding.coder.decode(A.Rejection.self, from: bytes)))
        case .nothing:
            break
        }
        let answer = TypedAnswer<A>(events: events, reply: isStateThere ? content.read?(state) : nil)
        return .success(
            Answer(
                commandID: pending.id,
                version: known.version,
                position: known.position,
                isRepeated: true,
                content: answer
            )
        )
    }

    func encoded() throws(EventCodingError) -> [UInt8] {
        try coding.snapshots?.encode(state) ?? []
    }

    func restore(from payload: [UInt8]) throws(EventCodingError) {
        if let snapshots = coding.snapshots { state = try snapshots.decode(payload) }
    }

    private func answer(to content: TypedCommand<A>) -> TypedAnswer<A> {
        TypedAnswer(events: decided, reply: content.read?(state))
    }

    private func reject(_ pending: PendingCommand, with rejection: A.Rejection) -> Decision {
        guard pending.fingerprint != 0 else { return .rejected(rejection, encoded: nil) }
        do throws(EventCodingError) {
            return .rejected(rejection, encoded: try coding.coder.encode(rejection))
        } catch {
            return .failed(.coding(error))
        }
    }

    private func encode(_ events: [A.Event], of pending: PendingCommand) throws(CommandError<Never>) -> [NewEvent] {
        let limits = coding.limits
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
        for index in 0..<events.count {
            do throws(EventCodingError) {
                let (name, payload) = try coding.codec.encode(events[index])
                let id = EventID(command: pending.id, ordinal: encoded.count)
                encoded.append(
                    NewEvent(
                        id: id,
                        name: name,
                        schemaVersion: coding.schemaVersion,
                        payload: payload,
                        metadata: pending.metadata
                    )
                )
            } catch {
                throw .coding(error)
            }
        }
        do throws(InvalidInput) {
            for event in encoded { try event.validate(limits: limits) }
        } catch {
            throw .invalidInput(error)
        }
        return encoded
    }

    // A command reaches only the state of its own type, so this is never seen.
    private var mismatch: Decision {
        .failed(.invalidInput(InvalidInput(field: "command", reason: "it is for another type of aggregate")))
    }
}
