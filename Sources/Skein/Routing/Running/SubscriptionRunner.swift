import Logging

/// Runs a subscription: agrees with other processes on its partitions, then runs each in a task of its own.
struct SubscriptionRunner: Sendable {
    private let state: SubscriptionState
    private let calls: StoreCalls
    private let owner: String

    init(_ state: SubscriptionState, _ calls: StoreCalls, owner: String) {
        self.state = state
        self.calls = calls
        self.owner = owner
    }

    /// Runs until it is asked to stop, is cancelled, or is removed.
    func run() async {
        guard !state.isRemoved else { return }
        let subscription = state.subscription
        for partition in state.partitions { partition.begin() }
        let target = subscription.makeTarget(calls.runtime.instruments, calls.runtime.configuration.coder)
        let start: Int64
        do throws(RunEnd) {
            start = try await begin()
        } catch {
            for partition in state.partitions {
                if case .stopped(let error) = error {
                    partition.stop(error)
                    calls.runtime.instruments.logger.error(
                        "A subscription has stopped.",
                        metadata: ["subscription": "\(subscription.name)", "error": "\(error)"]
                    )
                }
                partition.rest()
            }
            return
        }
        await withTaskGroup(of: Void.self) { group in
            for progress in state.partitions {
                let runner = PartitionRunner(state, progress, target, calls, owner: owner, start: start)
                group.addTask { await runner.run() }
            }
        }
    }

    /// Where partitions begin that have not begun yet.
    private func begin() async throws(RunEnd) -> Int64 {
        let subscription = state.subscription
        switch subscription.durability {
        case .durable:
            return try await PartitionSet(subscription, calls).begin()
        case .ephemeral:
            switch subscription.start {
            case .beginning: return 0
            case .position(let position): return position
            case .now: return try await calls.retrying { store throws(EventStoreError) in try await store.head() }
            }
        }
    }
}
