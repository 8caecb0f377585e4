import Logging
import Skein

/// Delivers a whole log to a subscription, as often as wanted, each time by a bus of its own.
struct Delivery {
    private let store: InMemoryEventStore
    private let subscription: Subscription
    private let coder: any EventCoder
    private let timeout: Duration

    init(of store: InMemoryEventStore, to subscription: Subscription, coder: any EventCoder, within timeout: Duration) {
        self.store = store
        self.subscription = subscription
        self.coder = coder
        self.timeout = timeout
    }

    /// Delivers every event; returns what went wrong.
    func deliver() async -> Finding? {
        var configuration = BusConfiguration()
        configuration.coder = coder
        // What would be logged becomes an issue.
        configuration.logger = Logger(label: "skein") { _ in SwiftLogNoOpLogHandler() }
        do {
            let specified = subscription.specified
            let bus = try CommandBus(store: store, configuration: configuration) { specified }
            let head = try await store.head()
            try await bus.whileRunning {
                try await bus.wait(for: subscription.name, toReach: head, within: timeout)
            }
            return nil
        } catch SubscriptionWaitError.stopped(_, .handlerFailed(let position, _, let error)) {
            return Finding("The handler failed at \(await describe(position)): \(error)")
        } catch SubscriptionWaitError.stopped(_, .undecodable(let error)) {
            return Finding("The handler got nothing at \(await describe(error.position ?? 0)): \(error)")
        } catch SubscriptionWaitError.timeout(_, let reached, let wanted) {
            return Finding("The handler came to position \(reached) of \(wanted) within \(timeout), and no further.")
        } catch {
            return Finding("The events were not delivered: \(error)")
        }
    }

    private func describe(_ position: Int64) async -> String {
        let page = try? await store.readLog(from: position - 1, direction: .forward, filter: .all, limit: 1)
        return "position \(position)" + (page?.events.first.map { ", \($0.name) of \($0.stream)" } ?? "")
    }
}
