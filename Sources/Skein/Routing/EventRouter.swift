import Logging

/// Turns commits into deliveries: owns the subscriptions, and runs each in a task of its own.
///
/// A commit only wakes a subscription up; the events are read from the store after its checkpoint. Catching up and living
/// on are therefore the same, a slow handler holds up nobody else, and memory is bounded by the pages that are read.
public actor EventRouter {
    private let runtime: BusRuntime
    private nonisolated let subscriptions: [SubscriptionState]
    private nonisolated let indices: [String: Int]

    init(runtime: BusRuntime, subscriptions: [Subscription]) {
        self.runtime = runtime
        self.subscriptions = subscriptions.map { SubscriptionState($0) }
        indices = Dictionary(zip(subscriptions.map(\.name), 0...), uniquingKeysWith: { first, _ in first })
    }

    /// How the subscriptions are doing, in the order in which they were declared.
    public nonisolated var statuses: [SubscriptionStatus] {
        let now = runtime.time.uptime()
        return subscriptions.map { $0.status(at: now) }
    }

    /// Throws ``InvalidInput`` if a subscription breaks a rule or two share a name.
    nonisolated func validate() throws(InvalidInput) {
        var seen: Set<String> = []
        for subscription in subscriptions.map(\.subscription) {
            try subscription.validate(for: runtime.store)
            guard seen.insert(subscription.name).inserted else {
                throw InvalidInput(field: "subscription name", reason: "\(subscription.name) is registered twice")
            }
        }
    }

    /// What is known here about a subscription; nil if the bus has none of this name.
    nonisolated func state(of name: String) -> SubscriptionState? {
        guard let index = indices[name], subscriptions[index].subscription.name.hasSameBytes(as: name) else {
            return nil
        }
        return subscriptions[index]
    }

    /// Runs every subscription until it is asked to stop; events that are being handled are finished.
    func run(until stop: StopSignal) async {
        let subscriptions = subscriptions
        let runtime = runtime
        let feed = makeFeed()
        let reminder = SaveReminder(runtime.time)
        let calls = StoreCalls(runtime: runtime, stop: stop, feed: feed, reminder: reminder)
        // Tells the runs of a store's subscriptions apart: whoever begins anew is somebody else.
        let owner = runtime.identifiers.next(UniqueID<LeaseOwner>.self, at: runtime.time.now()).description
        await withTaskGroup(of: Void.self) { signals in
            signals.addTask {
                for await _ in runtime.store.commits() {
                    feed.noteCommit()
                    subscriptions.signal()
                }
            }
            signals.addTask { await LogPoll(runtime, subscriptions, feed).run() }
            signals.addTask { await reminder.run() }
            signals.addTask {
                await stop.wait()
                subscriptions.signal()
            }
            await withTaskGroup(of: Void.self) { group in
                for subscription in subscriptions {
                    let runner = SubscriptionRunner(subscription, calls, owner: owner)
                    group.addTask { await runner.run() }
                }
            }
            signals.cancelAll()
        }
    }

    /// Reads for all subscriptions what at least one of them wants.
    private func makeFeed() -> LogFeed {
        let filters = subscriptions.compactMap { $0.subscription.makeTarget(runtime)?.filter }
        let size = min(runtime.configuration.subscriptionBuffer, runtime.limits.pageSize)
        return LogFeed(runtime.store, interest: EventFilter(anyOf: filters), capacity: 4 * size, pageSize: size)
    }

    /// Returns when no subscription is running any more, or the task is cancelled.
    nonisolated func ended() async {
        for subscription in subscriptions {
            for partition in subscription.partitions { await partition.ended() }
        }
    }

    /// The subscriptions that have not ended.
    nonisolated var running: [String] {
        subscriptions.filter { $0.partitions.contains { $0.isActive } }.map(\.subscription.name)
    }
}

/// The kind of a lease's owner: one run of a bus.
private enum LeaseOwner {}

extension [SubscriptionState] {
    fileprivate func signal() {
        for subscription in self { subscription.signal() }
    }
}
