import Skein

/// What one subscription was given, followed step by step.
struct SubscriptionTrace {
    /// What one node has done since it took the subscription over.
    private struct Run {
        /// The rank that was delivered last; one less than the first one that is due, at the start.
        var rank: Int
        var isHandled = true
        /// Whether a claim tells where the run began, so that it is known what must come.
        var isClaimed = false
        var name: String
    }

    let subscription: ObservedSubscription
    private let part: SubscriptionPart
    private let run: CheckedRun
    private var runs: [Run] = []
    /// How many events from the first one on have been handled, by whomever.
    private var frontier = 0
    private var isHandled: [Bool]
    private var checkpoint: Checkpoint?
    /// Who has claimed it last.
    private var owner: String?
    /// Who was given the last event.
    private var lastNode: String?

    init(_ subscription: ObservedSubscription, _ part: SubscriptionPart, _ run: CheckedRun) {
        self.subscription = subscription
        self.part = part
        self.run = run
        isHandled = Array(repeating: false, count: part.places.count)
    }

    /// The positions of the events that nobody has handled.
    var unhandled: [Int64] {
        part.positions.indices.filter { !isHandled[$0] }.map { part.positions[$0] }
    }

    mutating func deliver(
        _ delivery: History.Delivery,
        to node: String,
        at moment: Int,
        _ violations: inout [Violation]
    ) {
        defer { lastNode = node }
        guard let rank = rank(of: delivery, isNew: true) else {
            report(.unknownDelivery, "was given what is not in its part of the log", delivery, moment, &violations)
            return
        }
        guard let index = runs.firstIndex(where: { $0.name == node }) else {
            if rank > frontier {
                report(.skippedDelivery, "went past \(rank - frontier) events", delivery, moment, &violations)
            }
            if checkpoint != nil {
                report(.checkpointNotFenced, "runs on \(node), which has not claimed it", delivery, moment, &violations)
            }
            runs.append(Run(rank: rank, isHandled: false, name: node))
            return
        }
        let last = runs[index]
        if rank == last.rank + 1 {
            if !last.isHandled {
                report(.skippedDelivery, "went on although an event had failed", delivery, moment, &violations)
            }
        } else if rank > last.rank {
            let isTakenBack = !last.isClaimed && lastNode != node && rank <= frontier
            if !isTakenBack {
                let count = rank - last.rank - 1
                report(.skippedDelivery, "went past \(count) events on \(node)", delivery, moment, &violations)
            }
        } else if last.isClaimed, rank < last.rank || last.isHandled {
            report(.outOfOrderDelivery, "went back on \(node)", delivery, moment, &violations)
        }
        runs[index].rank = rank
        runs[index].isHandled = false
    }

    mutating func handle(
        _ delivery: History.Delivery,
        by node: String,
        at moment: Int,
        _ violations: inout [Violation]
    ) {
        // What is unknown was reported when it was delivered.
        guard let rank = rank(of: delivery, isNew: false) else { return }
        guard let index = runs.firstIndex(where: { $0.name == node }), runs[index].rank == rank else {
            report(.outOfOrderDelivery, "handled what it was not given on \(node)", delivery, moment, &violations)
            return
        }
        runs[index].isHandled = true
        isHandled[rank] = true
        while frontier < isHandled.count, isHandled[frontier] { frontier += 1 }
    }

    mutating func claim(
        _ claimed: Checkpoint,
        by node: String,
        at moment: Int,
        _ violations: inout [Violation]
    ) {
        if let checkpoint {
            if claimed.epoch <= checkpoint.epoch {
                let text = "was claimed by \(node) under epoch \(claimed.epoch) after epoch \(checkpoint.epoch)"
                report(.checkpointNotFenced, text, moment, &violations)
            }
            if claimed.position != checkpoint.position {
                let text = "was claimed by \(node) at \(claimed.position), its checkpoint is \(checkpoint.position)"
                report(.checkpointLost, text, moment, &violations)
            }
        }
        let count = part.count(through: claimed.position)
        if count > frontier {
            let text = "begins on \(node) after \(claimed.position), \(count - frontier) events before were not handled"
            report(.skippedDelivery, text, moment, &violations)
        }
        runs.removeAll { $0.name == node }
        runs.append(Run(rank: count - 1, isClaimed: true, name: node))
        checkpoint = claimed
        owner = node
    }

    mutating func move(
        _ moved: Checkpoint,
        by node: String,
        at moment: Int,
        _ violations: inout [Violation]
    ) {
        if let checkpoint, moved.epoch != checkpoint.epoch {
            let text = "was moved by \(node) under epoch \(moved.epoch), the latest is \(checkpoint.epoch)"
            report(.checkpointNotFenced, text, moment, &violations)
        } else if let owner, owner != node {
            report(.checkpointNotFenced, "was moved by \(node), it was claimed by \(owner)", moment, &violations)
        }
        var done = frontier
        if let mine = runs.first(where: { $0.name == node }), mine.isClaimed {
            done = mine.isHandled ? mine.rank + 1 : mine.rank
        }
        let count = part.count(through: moved.position)
        if count > done || moved.position > run.log.last?.position ?? 0 {
            let text = "was moved to \(moved.position) by \(node), which has not handled everything up to there"
            report(.checkpointAhead, text, moment, &violations)
        }
        checkpoint = moved
    }

    /// The event's rank; nil if the subscription does not get such an event.
    private func rank(of delivery: History.Delivery, isNew: Bool) -> Int? {
        guard let place = run.place(of: delivery.position), part.ranks[place] >= 0 else { return nil }
        let event = run.log[place]
        guard event.id == delivery.event, event.version == delivery.version else { return nil }
        // Ids are unique: the stream needs a look only once.
        guard !isNew || event.stream.looksLike(delivery.stream) else { return nil }
        return part.ranks[place]
    }

    private func report(
        _ kind: Violation.Kind,
        _ text: String,
        _ delivery: History.Delivery,
        _ moment: Int,
        _ violations: inout [Violation]
    ) {
        violations.append(
            Violation(
                kind,
                "\(subscription.name) \(text)",
                entries: run.sequences(moment),
                positions: [delivery.position]
            )
        )
    }

    private func report(_ kind: Violation.Kind, _ text: String, _ moment: Int, _ violations: inout [Violation]) {
        violations.append(Violation(kind, "\(subscription.name) \(text)", entries: run.sequences(moment)))
    }
}

extension StreamID {
    /// Whether two names are the same for all that ids of events have not told already; cheaper than byte by byte.
    fileprivate func looksLike(_ other: StreamID) -> Bool {
        id == other.id && aggregate == other.aggregate && id.utf8.count == other.id.utf8.count
    }
}
