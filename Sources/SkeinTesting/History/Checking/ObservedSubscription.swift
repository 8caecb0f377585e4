public import Skein

/// What a checker has to know of a subscription.
public struct ObservedSubscription: Sendable {
    /// The subscription's name.
    public var name: String

    /// The part of the log that it gets.
    public var filter: EventFilter

    /// An ephemeral subscription gets the whole log on each node for itself.
    public var durability: Subscription.Durability

    /// Whether it must have come to the end of the log; an ephemeral one on at least one node.
    public var isDrained: Bool

    /// Whether its deliveries and checkpoints are not judged: it skips or parks events, or is handled in batches.
    public var isUnjudged: Bool

    /// Describes a subscription.
    public init(
        _ name: String,
        filter: EventFilter = .all,
        durability: Subscription.Durability = .durable,
        isDrained: Bool = false,
        isUnjudged: Bool = false
    ) {
        self.name = name
        self.filter = filter
        self.durability = durability
        self.isDrained = isDrained
        self.isUnjudged = isUnjudged
    }
}
