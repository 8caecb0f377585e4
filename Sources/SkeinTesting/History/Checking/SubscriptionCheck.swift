import Skein

/// Every subscription equals its part of the log, in order, once what came again is folded.
struct SubscriptionCheck {
    private let subscriptions: [String: ObservedSubscription]
    private let deletedStreams: Set<StreamID>
    private let hasUnjudged: Bool

    init(_ subscriptions: [ObservedSubscription], deletedStreams: Set<StreamID>) {
        self.deletedStreams = deletedStreams
        hasUnjudged = subscriptions.contains(where: \.isUnjudged)
        self.subscriptions = Dictionary(subscriptions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    func check(_ run: CheckedRun, _ violations: inout [Violation]) {
        var traces = SubscriptionTraces(subscriptions, run)
        for moment in run.subscriptionMoments {
            let entry = run.history.entries[moment]
            switch entry.observation {
            case .delivered(let delivery):
                if isDeleted(delivery) || isUnjudged(delivery.subscription) { continue }
                let trace = traces.index(of: delivery.subscription, on: entry.node)
                traces.all[trace].deliver(delivery, to: entry.node, at: moment, &violations)
            case .handled(let delivery):
                if isDeleted(delivery) || isUnjudged(delivery.subscription) { continue }
                let trace = traces.index(of: delivery.subscription, on: entry.node)
                traces.all[trace].handle(delivery, by: entry.node, at: moment, &violations)
            case .claimed(let checkpoint):
                if isUnjudged(checkpoint.subscription) { continue }
                let trace = traces.index(of: checkpoint.subscription, on: entry.node)
                traces.all[trace].claim(checkpoint, by: entry.node, at: moment, &violations)
            case .moved(let checkpoint):
                if isUnjudged(checkpoint.subscription) { continue }
                let trace = traces.index(of: checkpoint.subscription, on: entry.node)
                traces.all[trace].move(checkpoint, by: entry.node, at: moment, &violations)
            case .invoked, .completed, .noted:
                break
            }
        }
        for (name, subscription) in subscriptions.sorted(by: { $0.key < $1.key })
        where subscription.isDrained && !subscription.isUnjudged {
            let open = traces.all.filter { $0.subscription.name == name }.map(\.unhandled)
            let missing =
                open.min { $0.count < $1.count } ?? SubscriptionTraces.part(of: run, for: subscription).positions
            guard !missing.isEmpty else { continue }
            let text = "\(name) has come to rest, and \(missing.count) events were not handled"
            violations.append(Violation(.notDrained, text, positions: Array(missing.prefix(10))))
        }
    }

    /// A partition is judged as its subscription is.
    private func isUnjudged(_ name: String) -> Bool {
        guard hasUnjudged else { return false }
        let whole = name.prefix { $0 != "#" }
        return subscriptions[String(whole)]?.isUnjudged ?? false
    }

    private func isDeleted(_ delivery: History.Delivery) -> Bool {
        !deletedStreams.isEmpty && deletedStreams.contains(delivery.stream)
    }
}

/// The traces of all subscriptions; an ephemeral one leaves one on each node.
struct SubscriptionTraces {
    private struct Key: Hashable {
        let name: String
        let node: String
    }

    var all: [SubscriptionTrace] = []
    private let subscriptions: [String: ObservedSubscription]
    private let run: CheckedRun
    private var indices: [Key: Int] = [:]
    private var latest: (key: Key, index: Int)?

    init(_ subscriptions: [String: ObservedSubscription], _ run: CheckedRun) {
        self.subscriptions = subscriptions
        self.run = run
    }

    mutating func index(of name: String, on node: String) -> Int {
        if let latest, latest.key.node == node, latest.key.name == name { return latest.index }
        let subscription = subscriptions[name] ?? ObservedSubscription(name)
        let key = Key(name: name, node: subscription.durability == .ephemeral ? node : "")
        let index: Int
        if let known = indices[key] {
            index = known
        } else {
            index = all.count
            indices[key] = index
            all.append(SubscriptionTrace(subscription, Self.part(of: run, for: subscription), run))
        }
        latest = (Key(name: name, node: node), index)
        return index
    }

    /// A subscription's part of the log.
    static func part(of run: CheckedRun, for subscription: ObservedSubscription) -> SubscriptionPart {
        var part = SubscriptionPart()
        part.ranks.reserveCapacity(run.log.count)
        let takesAll = subscription.filter == .all
        for (place, event) in run.log.enumerated() {
            if takesAll || subscription.filter.matches(aggregate: event.stream.aggregate, event: event.name) {
                part.ranks.append(part.places.count)
                part.places.append(place)
                part.positions.append(event.position)
            } else {
                part.ranks.append(-1)
            }
        }
        return part
    }
}

/// The events of the log that a subscription gets, numbered from 0: their ranks.
struct SubscriptionPart {
    /// Where the event of each rank stands in the log.
    var places: [Int] = []
    /// The position of the event of each rank.
    var positions: [Int64] = []
    /// The rank of each event of the log; -1 if the subscription does not get it.
    var ranks: [Int] = []

    /// How many of the events are at or before a position.
    func count(through position: Int64) -> Int {
        // Without gaps and filters, the position is the count.
        if position > 0, position <= positions.count, positions[Int(position) - 1] == position { return Int(position) }
        var low = 0
        var high = positions.count
        while low < high {
            let middle = (low + high) / 2
            if positions[middle] <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
