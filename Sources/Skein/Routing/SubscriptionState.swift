import Synchronization

/// A declared subscription with what is known about it here, and what users ask of it.
final class SubscriptionState: Sendable {

    let subscription: Subscription
    let partitions: [SubscriptionProgress]
    private let removed = Atomic(false)
    private let wishes = Atomic(0)
    private let resumes = Atomic(0)
    private let paused = Atomic(false)

    init(_ subscription: Subscription) {
        self.subscription = subscription
        // What breaks a rule is refused when the bus runs, not here.
        partitions = SubscriptionPartition.all(of: subscription.name, count: min(max(1, subscription.partitions), 256))
            .map { SubscriptionProgress($0) }
    }

    func status(at now: Duration) -> SubscriptionStatus {
        SubscriptionStatus(name: subscription.name, partitions: partitions.map { $0.status(at: now) })
    }

    var isRemoved: Bool { removed.load(ordering: .acquiring) }

    /// How often something was asked here; who has seen fewer looks again.
    var wishCount: Int { wishes.load(ordering: .acquiring) }

    var resumeCount: Int { resumes.load(ordering: .acquiring) }

    /// Lets the runners look at the store's notes now instead of soon.
    func ask() {
        wishes.add(1, ordering: .acquiringAndReleasing)
        signal()
    }

    /// Whether it is paused; known here only for a subscription whose position is not kept.
    var isPausedHere: Bool { paused.load(ordering: .acquiring) }

    func pause() {
        paused.store(true, ordering: .releasing)
        ask()
    }

    /// Lets runners go on that are paused, and those begin again that have stopped.
    func resume() {
        paused.store(false, ordering: .releasing)
        resumes.add(1, ordering: .acquiringAndReleasing)
        ask()
    }

    /// Lets the runners end for good.
    func remove() {
        removed.store(true, ordering: .releasing)
        ask()
    }

    func signal() {
        for partition in partitions { partition.wakeUp.signal() }
    }
}
