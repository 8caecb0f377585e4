import DequeModule

/// The commands that wait for one aggregate, and whether one of their senders leads.
///
/// The order in which commands are admitted here is the order in which they are decided.
struct Mailbox: Sendable {
    /// What the sender of an admitted command does next.
    enum Admission {
        case lead
        case wait
        case refused
    }

    private var waiting: Deque<PendingCommand> = []
    private var isLed = false

    /// Lets a command in, unless the limit is reached.
    mutating func admit(_ pending: PendingCommand, limit: Int) -> Admission {
        guard isLed else {
            isLed = true
            return .lead
        }
        if waiting.count >= limit {
            waiting.removeAll(where: \.isAnswered)
            guard waiting.count < limit else { return .refused }
        }
        waiting.append(pending)
        return .wait
    }

    /// Takes the lead without a command, for housekeeping; false if a sender has it.
    mutating func takeLead() -> Bool {
        defer { isLed = true }
        return !isLed
    }

    /// Moves the next commands into a batch until it has so many; those that were taken back are left behind.
    mutating func take(into batch: inout [PendingCommand], limit: Int) {
        while batch.count < limit, let pending = waiting.popFirst() {
            if pending.claim() { batch.append(pending) }
        }
    }

    /// Ends the lead: the next waiting command is taken out for its sender to lead; nil if there is none.
    mutating func next() -> PendingCommand? {
        if let next = waiting.popFirst() { return next }
        isLed = false
        // An idle aggregate does not keep the room that a burst needed.
        waiting = []
        return nil
    }
}
