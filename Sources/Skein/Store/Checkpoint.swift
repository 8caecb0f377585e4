/// How far a subscription has come, and in whose hands it is.
public struct Checkpoint: Hashable, Sendable {
    /// The subscription's name.
    public let subscription: String

    /// Everything up to this position is done.
    public let position: Int64

    /// Grows with each claim; only the latest epoch may move the checkpoint.
    public let epoch: Int64

    /// Creates a checkpoint; for stores.
    public init(subscription: String, position: Int64, epoch: Int64) {
        self.subscription = subscription
        self.position = position
        self.epoch = epoch
    }
}
