/// Waits until a store may have more to read. Commits are only hints: looking now and then is what makes a lost one harmless.
struct CommitWaiter {
    private let store: any EventStore
    private let time: any TimeSource
    private let interval: Duration
    private var signals: AsyncStream<Void>?

    init(_ runtime: BusRuntime) {
        store = runtime.store
        time = runtime.time
        interval = runtime.configuration.subscriptionPollInterval
    }

    /// Returns when it is worth reading again; the first time at once. False if the task is cancelled or the store closed.
    mutating func wait() async -> Bool {
        guard let signals else {
            // Before the first read, so that nothing is missed between that and the wait after it.
            signals = store.commits()
            return !Task.isCancelled
        }
        let (time, interval) = (time, interval)
        let event = await withTaskGroup(of: Event.self) { group in
            group.addTask { await Self.next(of: signals) ? .commit : .end }
            group.addTask { (try? await time.sleep(for: interval)) == nil ? .end : .pause }
            let first = await group.next() ?? .end
            group.cancelAll()
            return first
        }
        // A wait that was cancelled has ended its signals.
        if event == .pause { self.signals = store.commits() }
        return event != .end && !Task.isCancelled
    }

    private enum Event {
        case commit, pause, end
    }

    private static func next(of signals: AsyncStream<Void>) async -> Bool {
        for await _ in signals { return true }
        return false
    }
}
