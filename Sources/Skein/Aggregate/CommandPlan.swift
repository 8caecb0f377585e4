/// What a batch of commands comes to before the store has agreed.
struct CommandPlan<A: Aggregate> {
    /// What a command comes to, if the store agrees.
    enum Draft {
        /// Nothing of this is stored.
        case answer(PendingCommand<A>.Outcome)

        /// The aggregate is not at the version that the sender expects.
        case unmetExpectation(actual: Int64)

        /// Events, a rejection or the fact that nothing happened will be stored, with the reply if it was read already.
        case stored([A.Event], rejection: A.Rejection?, eventsThrough: Int, reply: (any Sendable)?)
    }

    /// Whether each command's events were applied at once, so that the next one could be decided on them.
    let appliesAtOnce: Bool
    private(set) var drafts: [(pending: PendingCommand<A>, draft: Draft)] = []
    private(set) var commands: [CommandAppend] = []
    private(set) var eventCount = 0
    private var payloadBytes = 0

    init(appliesAtOnce: Bool) {
        self.appliesAtOnce = appliesAtOnce
    }

    /// Appends grow no larger than this, unless a single command's events do.
    private static var payloadBudget: Int { 8 * 1_024 * 1_024 }

    /// Whether there is room for a command's events beside those that are in.
    func hasRoom(for events: [NewEvent], limits: EventStoreLimits) -> Bool {
        commands.isEmpty
            || (eventCount + events.count <= limits.eventsPerAppend
                && payloadBytes + Self.size(of: events) <= Self.payloadBudget)
    }

    mutating func add(_ pending: PendingCommand<A>, answering outcome: PendingCommand<A>.Outcome) {
        drafts.append((pending, .answer(outcome)))
    }

    mutating func add(_ pending: PendingCommand<A>, atUnexpectedVersion actual: Int64) {
        drafts.append((pending, .unmetExpectation(actual: actual)))
    }

    mutating func add(
        _ pending: PendingCommand<A>,
        storing outcome: CommandAppend.Outcome,
        events: [A.Event] = [],
        rejection: A.Rejection? = nil,
        reply: (any Sendable)? = nil
    ) {
        let command = CommandAppend(id: pending.id, fingerprint: pending.fingerprint, outcome: outcome)
        eventCount += command.events.count
        payloadBytes += Self.size(of: command.events)
        commands.append(command)
        drafts.append((pending, .stored(events, rejection: rejection, eventsThrough: eventCount, reply: reply)))
    }

    private static func size(of events: [NewEvent]) -> Int {
        events.reduce(0) { $0 + $1.payload.count }
    }
}
