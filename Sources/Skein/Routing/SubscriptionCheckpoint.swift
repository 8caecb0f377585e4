/// Where a running subscription is, and what of it the store knows.
struct SubscriptionCheckpoint: Sendable {
    var position: Int64
    /// Nil for a subscription whose position is not kept.
    var saved: Checkpoint?
    var savedAt: Duration

    init(_ saved: Checkpoint?, savedAt: Duration) {
        position = saved?.position ?? 0
        self.saved = saved
        self.savedAt = savedAt
    }

    func isDue(at now: Duration, every interval: Duration) -> Bool {
        now - savedAt >= interval
    }
}
