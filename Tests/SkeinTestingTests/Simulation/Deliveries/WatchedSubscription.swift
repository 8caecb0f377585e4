import Skein

/// What a ``DeliveryScenario`` subscribes with, and what is known about it to who judges.
struct WatchedSubscription: Sendable {
    let name: String
    var partitions = 1
    /// How many events are handled at a time; nil is one by one.
    var batch: Int?
    /// Whether what fails is parked, and some events fail until they are healed; else they fail now and then.
    var parks = false
    /// The longest that handling one event takes.
    var pause: Duration = .milliseconds(10)
    /// How long after its commit an event must be handled; nil is for ever.
    var bound: Duration?

    var parts: [SubscriptionPartition] { SubscriptionPartition.all(of: name, count: partitions) }

    /// Whether nobody can handle an event before it is healed.
    func isPoison(_ position: Int64) -> Bool { parks && position % 7 == 3 }

    /// One in parts, whose handlers end in any order, and one in batches with poison in them.
    static let mixed = [
        WatchedSubscription(name: "parted", partitions: 3, pause: .milliseconds(30)),
        WatchedSubscription(name: "batched", batch: 5, parks: true),
    ]

    /// One whose handler takes its time, and one that must not have to wait for that.
    static let slowBesideFast = [
        WatchedSubscription(name: "slow", pause: .milliseconds(200)),
        WatchedSubscription(name: "fast", pause: .zero, bound: .milliseconds(150)),
    ]
}
