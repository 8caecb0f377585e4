/// What a batch of commands comes to before the store has agreed.
struct CommandPlan {
    /// What a command comes to, if the store agrees. The usual case is small; the others are kept elsewhere.
    enum Draft {
        /// Nothing of this is stored.
        indirect case answer(PendingCommand.Outcome)

        /// Nothing of this is stored, and it holds only if the command is not the repetition of a known one.
        indirect case refused(CommandError<Never>)

        /// Events, or the fact that nothing happened, will be stored; so many of the plan's events come up to here.
        case stored(content: AnswerContent?, eventsThrough: Int)

        /// The rejection will be stored.
        indirect case rejected(any DomainRejection)
    }

    /// Whether each command's events were applied at once, so that the next one could be decided on them.
    let appliesAtOnce: Bool
    private(set) var drafts: [(pending: PendingCommand, draft: Draft)] = []
    private(set) var commands: [CommandAppend] = []
    private(set) var eventCount = 0
    /// How many of the drafts are not for reads.
    private(set) var commandCount = 0
    private var payloadBytes = 0

    init(appliesAtOnce: Bool) {
        self.appliesAtOnce = appliesAtOnce
    }

    /// The span that the plan's append belongs to: that of the first command that has one.
    var span: OpenSpan? {
        for draft in drafts where draft.pending.span != nil { return draft.pending.span }
        return nil
    }

    /// Appends grow no larger than this, unless a single command's events do.
    private static var payloadBudget: Int { 8 * 1_024 * 1_024 }

    /// Whether there is room for a command's events beside those that are in.
    func hasRoom(for events: [NewEvent], limits: EventStoreLimits) -> Bool {
        commands.isEmpty
            || (eventCount + events.count <= limits.eventsPerAppend
                && payloadBytes + Self.size(of: events) <= Self.payloadBudget)
    }

    mutating func add(_ pending: PendingCommand, answering outcome: PendingCommand.Outcome) {
        add(pending, .answer(outcome))
    }

    mutating func add(_ pending: PendingCommand, refusing error: CommandError<Never>) {
        add(pending, .refused(error))
    }

    /// Adds events, or the fact that nothing happened. The content is nil if it can be told only once the store agrees.
    mutating func add(_ pending: PendingCommand, storing events: [NewEvent], content: AnswerContent?) {
        eventCount += events.count
        payloadBytes += Self.size(of: events)
        store(events.isEmpty ? .nothing : .events(events), for: pending)
        add(pending, .stored(content: content, eventsThrough: eventCount))
    }

    mutating func add(_ pending: PendingCommand, storing rejection: any DomainRejection, encoded: [UInt8]) {
        store(.rejection(encoded), for: pending)
        add(pending, .rejected(rejection))
    }

    private mutating func add(_ pending: PendingCommand, _ draft: Draft) {
        if !pending.isRead { commandCount += 1 }
        drafts.append((pending, draft))
    }

    private mutating func store(_ outcome: CommandAppend.Outcome, for pending: PendingCommand) {
        commands.append(CommandAppend(id: pending.id, fingerprint: pending.fingerprint, outcome: outcome))
    }

    private static func size(of events: [NewEvent]) -> Int {
        events.reduce(0) { $0 + $1.payload.count }
    }
}
