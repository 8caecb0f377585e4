import Synchronization

/// One wait for a subscription to come to a position, wherever it runs.
final class SubscriptionWait: Sendable {
    private let name: String
    private let position: Int64
    private let runtime: BusRuntime
    private let state: SubscriptionState?
    /// How far it had come when the store was asked last.
    private let seen = Mutex<Int64?>(nil)

    init(for name: String, toReach position: Int64, _ runtime: BusRuntime, _ state: SubscriptionState?) {
        self.name = name
        self.position = position
        self.runtime = runtime
        self.state = state
    }

    var isReached: Bool { state?.partitions.allSatisfy { $0.position >= position } ?? false }

    /// How far it has come, as far as is known here.
    var reached: Int64 {
        let here = state?.partitions.map(\.position).min() ?? 0
        return seen.withLock { max($0 ?? 0, here) }
    }

    func run() async throws(SubscriptionWaitError) {
        guard let state else { return try await waitElsewhere() }
        for partition in state.partitions {
            while try await partition.wait(for: position) == .elsewhere {
                guard try await !poll(partition.partition.key, while: { !partition.isRunning }) else { break }
            }
        }
    }

    /// Waits for a subscription that only other processes run.
    private func waitElsewhere() async throws(SubscriptionWaitError) {
        let name = name
        let (kept, checkpoint) = try await asking { store throws(EventStoreError) in
            (try await PartitionSet.kept(of: name, in: store), try await store.checkpoint(of: name))
        }
        guard kept != nil || checkpoint != nil else { throw .unknownSubscription(name) }
        for partition in SubscriptionPartition.all(of: name, count: kept?.count ?? 1) {
            _ = try await poll(partition.key, while: { true })
        }
    }

    /// Asks the store until the position is reached; false if the condition has ended before.
    private func poll(_ key: String, while condition: () -> Bool) async throws(SubscriptionWaitError) -> Bool {
        let backoff = Backoff(first: .milliseconds(2), longest: .milliseconds(50))
        var looks = 0
        while condition() {
            let checkpoint = try await asking { store throws(EventStoreError) in try await store.checkpoint(of: key) }
            let reached = checkpoint?.position ?? 0
            seen.withLock { $0 = reached }
            if reached >= position { return true }
            looks += 1
            let wait = backoff.wait(afterFailures: looks, random: runtime.configuration.environment.random())
            guard (try? await runtime.time.sleep(for: wait)) != nil else { throw .cancelled }
        }
        return false
    }

    private func asking<Value: Sendable>(
        _ ask: (any EventStore) async throws(EventStoreError) -> Value
    ) async throws(SubscriptionWaitError) -> Value {
        var failures = 0
        while true {
            do throws(EventStoreError) {
                return try await ask(runtime.store)
            } catch {
                guard error.isTransient else { throw .store(error) }
                failures += 1
                let backoff = runtime.configuration.retryBackoff
                guard (try? await runtime.time.sleep(for: backoff.wait(afterFailures: failures))) != nil else {
                    throw .cancelled
                }
            }
        }
    }
}
