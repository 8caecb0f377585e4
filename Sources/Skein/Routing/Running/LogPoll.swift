/// Looks at the end of the log now and then, and wakes the partitions that have not seen it.
///
/// Signals of commits are only hints: this is what makes a lost one harmless. Nobody is woken in vain, so that an idle bus of
/// many subscriptions costs one question each time and no more.
struct LogPoll: Sendable {
    private let runtime: BusRuntime
    private let partitions: [SubscriptionProgress]
    private let feed: LogFeed

    init(_ runtime: BusRuntime, _ subscriptions: [SubscriptionState], _ feed: LogFeed) {
        self.runtime = runtime
        self.feed = feed
        partitions = subscriptions.flatMap(\.partitions)
    }

    /// Runs until it is cancelled.
    func run() async {
        let interval = runtime.configuration.subscriptionPollInterval
        while (try? await runtime.time.sleep(for: interval)) != nil {
            guard partitions.contains(where: \.isRunning) else { continue }
            // If it does not tell, the next poll asks again; requests need not wait for that.
            let head = (try? await runtime.store.head()) ?? 0
            feed.note(head: head)
            let now = runtime.time.uptime()
            for partition in partitions where partition.wantsWakeUp(at: head, now, interval: interval) {
                partition.wakeUp.signal()
            }
        }
    }
}
