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
        let start: Int64
        let target: any DeliveryTarget
        do throws(RunEnd) {
            guard let made = subscription.makeTarget(calls.runtime) else {
                throw .stopped(.store(EventStoreError(.unsuitable, "the store has no transactions for the projection")))
            }
            target = made
            if let projection = subscription.projection { try await bring(projection, upToDateFor: subscription) }
            start = try await begin(target)
        } catch {
            for partition in state.partitions {
                if case .stopped(let error) = error {
                    calls.runtime.instruments.logger.error(
                        "A subscription has stopped.",
                        metadata: ["subscription": "\(subscription.name)", "error": "\(error)"]
                    )
                    partition.stop(error)
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
    private func begin(_ target: any DeliveryTarget) async throws(RunEnd) -> Int64 {
        let subscription = state.subscription
        switch subscription.durability {
        case .durable:
            return try await PartitionSet(subscription, calls).begin()
        case .ephemeral:
            if let position = try await resume(target) { return position }
            switch subscription.start {
            case .beginning: return 0
            case .position(let position): return position
            case .now: return try await calls.retrying { store throws(EventStoreError) in try await store.head() }
            }
        }
    }

    private func resume(_ target: any DeliveryTarget) async throws(RunEnd) -> Int64? {
        var failures = 0
        while true {
            do throws(DeliveryFailure) {
                return try await target.resume()
            } catch {
                guard case .store(let error) = error else {
                    throw .stopped(.handlerFailed(position: 0, attempts: 1, error.error))
                }
                try await calls.recover(from: error, &failures)
            }
        }
    }

    /// Rebuilds a read model of an older version, before this one's handlers can go on with it.
    private func bring(
        _ projection: any DeclaredProjection,
        upToDateFor subscription: Subscription
    ) async throws(RunEnd) {
        let logger = calls.runtime.instruments.logger
        let rebuild = Rebuild(projection, of: subscription, calls.runtime, stop: calls.stop) { _ in }
        do throws(RebuildError) {
            if try await rebuild.runIfOutdated() {
                logger.notice("A read model was rebuilt.", metadata: ["projection": "\(projection.name)"])
            }
        } catch {
            switch error {
            case .stopped(let error): throw .stopped(error)
            case .store(let error): throw .stopped(.store(error))
            case .cancelled: throw .interrupted
            case .unknownProjection, .invalidInput, .notReplayable, .notByAggregate: throw .interrupted
            }
        }
    }
}
