/// The state of one aggregate without its type. It belongs to the aggregate's actor.
protocol AggregateState: AnyObject {
    /// Goes back to the state before the first event.
    func reset()

    /// Takes a stored event into the state.
    func apply(_ stored: StoredEvent) throws(EventCodingError)

    /// Decides a command. Its events are kept for ``applyDecided()``.
    func decide(_ pending: PendingCommand) -> Decision

    /// Applies the events of the last decision.
    func applyDecided()

    /// Lets go of the events of the last decision.
    func forgetDecided()

    /// What a read asks for, or what the last decision comes to once its events are applied.
    func answer(to pending: PendingCommand) -> AnswerContent

    /// What a command that is known already came to, the first time; its reply is read from the state, if that is there.
    func answer(
        to pending: PendingCommand,
        from known: KnownCommand,
        isStateThere: Bool
    ) throws(EventCodingError) -> PendingCommand.Outcome

    /// The state as a snapshot's payload.
    func encoded() throws(EventCodingError) -> [UInt8]

    /// Takes the state from a snapshot's payload.
    func restore(from payload: [UInt8]) throws(EventCodingError)
}

/// What a command comes to on a state.
enum Decision {
    /// Events, encoded; they are not applied yet. The content is nil if it is to be read from the state that they lead to.
    case events([NewEvent], content: AnswerContent?)

    /// Nothing changes.
    case nothing(content: AnswerContent)

    /// The domain says no; encoded if it has to be stored.
    indirect case rejected(any DomainRejection, encoded: [UInt8]?)

    /// What was decided cannot be stored.
    indirect case failed(CommandError<Never>)
}
