import Logging

/// Turns commits into deliveries: owns the subscriptions, and runs each in a task of its own.
///
/// A commit only wakes a subscription up; the events are read from the store after its checkpoint. Catching up and living
/// on are therefore the same, a slow handler holds up nobody else, and memory is bounded by the page that is read.
public actor EventRouter {
    private let runtime: BusRuntime
    private let subscriptions: [Subscription]
    private nonisolated let progress: [String: SubscriptionProgress]

    init(runtime: BusRuntime, subscriptions: [Subscription]) {
        self.runtime = runtime
        self.subscriptions = subscriptions
        progress = Dictionary(
            subscriptions.map { ($0.name, SubscriptionProgress(name: $0.name)) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// How the subscriptions are doing, in the order in which they were declared.
    public nonisolated var statuses: [SubscriptionStatus] {
        subscriptions.compactMap { progress[$0.name]?.status }
    }

    /// Throws ``InvalidInput`` if a subscription breaks a rule or two share a name.
    nonisolated func validate() throws(InvalidInput) {
        var seen: Set<String> = []
        for subscription in subscriptions {
            try subscription.validate()
            guard seen.insert(subscription.name).inserted else {
                throw InvalidInput(field: "subscription name", reason: "\(subscription.name) is registered twice")
            }
        }
    }

    nonisolated func progress(of name: String) throws(SubscriptionWaitError) -> SubscriptionProgress {
        guard let progress = progress[name] else { throw .unknownSubscription(name) }
        return progress
    }

    /// Runs every subscription until it is asked to stop; events that are being handled are finished.
    func run(until stop: StopSignal) async {
        let runners = subscriptions.compactMap { subscription in
            progress[subscription.name].map { progress in
                (subscription: subscription, progress: progress, wakeUp: WakeUp())
            }
        }
        let wakeUps = runners.map(\.wakeUp)
        await withTaskGroup(of: Void.self) { signals in
            signals.addTask { [store = runtime.store] in
                for await _ in store.commits() { wakeUps.signal() }
            }
            signals.addTask { [runtime] in
                // Signals are only hints: looking now and then is what makes a lost one harmless.
                let interval = runtime.configuration.subscriptionPollInterval
                while (try? await runtime.time.sleep(for: interval)) != nil {
                    wakeUps.signal()
                }
            }
            signals.addTask {
                await stop.wait()
                wakeUps.signal()
            }
            await withTaskGroup(of: Void.self) { group in
                for (subscription, progress, wakeUp) in runners {
                    let runner = SubscriptionRunner(
                        subscription,
                        progress: progress,
                        runtime: runtime,
                        wakeUp: wakeUp,
                        stop: stop
                    )
                    group.addTask { await runner.run() }
                }
            }
            signals.cancelAll()
        }
    }

    /// Returns when no subscription is running any more, or the task is cancelled.
    nonisolated func ended() async {
        for subscription in subscriptions { await progress[subscription.name]?.ended() }
    }

    /// The subscriptions that have not ended.
    nonisolated var running: [String] {
        statuses.compactMap { if case .running = $0.activity { $0.name } else { nil } }
    }
}

extension [WakeUp] {
    fileprivate func signal() {
        for wakeUp in self { wakeUp.signal() }
    }
}
