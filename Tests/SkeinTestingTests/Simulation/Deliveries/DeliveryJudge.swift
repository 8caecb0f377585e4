import Skein
import SkeinTesting

/// Judges subscriptions in parts, in batches and with parking by what was seen of them.
///
/// `HistoryChecker` knows no order but the log's; this one asks only for what holds of all of them.
struct DeliveryJudge {
    private let subscriptions: [WatchedSubscription]
    /// For how long one that was taken over may take itself for the owner.
    private let lease: Duration

    init(_ subscriptions: [WatchedSubscription], lease: Duration) {
        self.subscriptions = subscriptions
        self.lease = lease + .milliseconds(5)
    }

    func violations(_ history: History, _ log: [StoredEvent], _ ledger: DeliveryLedger) -> [Violation] {
        var violations: [Violation] = []
        let (parked, stored) = (ledger.parked, ledger.stored)
        for subscription in subscriptions {
            for part in subscription.parts {
                var trace = PartTrace(subscription, part, log, parked: parked[part.key] ?? [], lease: lease)
                for entry in history.entries { trace.follow(entry, stored) }
                violations += trace.end()
            }
        }
        return violations
    }
}

/// One part of a subscription, followed step by step.
private struct PartTrace {
    private struct Claim {
        let checkpoint: Checkpoint
        let time: Duration
    }

    private let subscription: WatchedSubscription
    private let part: SubscriptionPartition
    private let events: [Int64]
    private let parked: Set<Int64>
    private let lease: Duration

    private var handled: Set<Int64> = []
    private var versions: [StreamID: Int64] = [:]
    private var claims: [String: Claim] = [:]
    private var owner: (node: String, claim: Claim)?
    private var checkpoint: Checkpoint?
    private var violations: [Violation] = []

    init(
        _ subscription: WatchedSubscription,
        _ part: SubscriptionPartition,
        _ log: [StoredEvent],
        parked: Set<Int64>,
        lease: Duration
    ) {
        self.subscription = subscription
        self.part = part
        self.parked = parked
        self.lease = lease
        events = log.filter { part.contains($0.stream) }.map(\.position)
    }

    mutating func follow(_ entry: History.Entry, _ stored: [Int64: Duration]) {
        switch entry.observation {
        case .delivered(let delivery) where isOurs(delivery): deliver(delivery, entry)
        case .handled(let delivery) where isOurs(delivery): handle(delivery, entry, stored)
        case .claimed(let claimed) where claimed.subscription == part.key: claim(claimed, entry)
        case .moved(let moved) where moved.subscription == part.key: move(moved, entry)
        default: break
        }
    }

    /// What was seen to be wrong, and what is left undone.
    func end() -> [Violation] {
        let missing = events.filter { !handled.contains($0) }
        guard !missing.isEmpty else { return violations }
        let text = "\(part.key) has come to rest, and \(missing.count) events were not handled"
        return violations + [Violation(.notDrained, text, positions: Array(missing.prefix(10)))]
    }

    private func isOurs(_ delivery: History.Delivery) -> Bool {
        delivery.subscription == subscription.name && part.contains(delivery.stream)
    }

    private mutating func deliver(_ delivery: History.Delivery, _ entry: History.Entry) {
        guard let mine = claims[entry.node], let owner else {
            return report(.checkpointNotFenced, "runs on \(entry.node), which has not claimed it", entry)
        }
        let since = entry.time - owner.claim.time
        if owner.node != entry.node, since > lease {
            let text = "goes on at \(entry.node), though \(owner.node) took it over \(since) ago"
            report(.checkpointNotFenced, text, entry, delivery.position)
        }
        if delivery.position <= mine.checkpoint.position, !parked.contains(delivery.position) {
            let text = "went back on \(entry.node), which began after \(mine.checkpoint.position)"
            report(.outOfOrderDelivery, text, entry, delivery.position)
        }
    }

    private mutating func handle(
        _ delivery: History.Delivery,
        _ entry: History.Entry,
        _ stored: [Int64: Duration]
    ) {
        guard handled.insert(delivery.position).inserted else { return }
        if delivery.version != versions[delivery.stream, default: 0] + 1 {
            let text = "handled version \(delivery.version) of \(delivery.stream) before what comes first"
            report(.outOfOrderDelivery, text, entry, delivery.position)
        }
        versions[delivery.stream] = max(versions[delivery.stream] ?? 0, delivery.version)
        if let bound = subscription.bound, let stored = stored[delivery.position], entry.time - stored > bound {
            let text = "handled an event \(entry.time - stored) after it was stored, though it has nothing else to do"
            report(.invariant, text, entry, delivery.position)
        }
    }

    private mutating func claim(_ claimed: Checkpoint, _ entry: History.Entry) {
        if let checkpoint {
            if claimed.epoch <= checkpoint.epoch {
                report(.checkpointNotFenced, "was claimed by \(entry.node) under an epoch that was given before", entry)
            }
            if claimed.position != checkpoint.position {
                report(.checkpointLost, "was claimed at \(claimed.position), it was at \(checkpoint.position)", entry)
            }
        }
        let claim = Claim(checkpoint: claimed, time: entry.time)
        claims[entry.node] = claim
        owner = (entry.node, claim)
        checkpoint = claimed
    }

    private mutating func move(_ moved: Checkpoint, _ entry: History.Entry) {
        if let checkpoint, moved.epoch != checkpoint.epoch {
            report(.checkpointNotFenced, "was moved by \(entry.node) under an old epoch", entry)
        } else if let owner, owner.node != entry.node {
            report(.checkpointNotFenced, "was moved by \(entry.node), and \(owner.node) has it", entry)
        }
        let open = events.prefix { $0 <= moved.position }.filter { !handled.contains($0) && !parked.contains($0) }
        if !open.isEmpty {
            let text = "was moved to \(moved.position), and \(open.count) events before are not handled"
            report(.checkpointAhead, text, entry, open[0])
        }
        checkpoint = moved
    }

    private mutating func report(
        _ kind: Violation.Kind,
        _ text: String,
        _ entry: History.Entry,
        _ positions: Int64...
    ) {
        violations.append(Violation(kind, "\(part.key) \(text)", entries: [entry.sequence], positions: positions))
    }
}
