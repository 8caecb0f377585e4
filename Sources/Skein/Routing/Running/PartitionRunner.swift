import Logging

/// Runs one partition: takes it, works under its lease, gives it back; takes it again if it was lost.
struct PartitionRunner: Sendable {
    fileprivate enum Ending: Sendable {
        /// It was asked to.
        case done
        case lost
        case failed(SubscriptionError)
    }

    private let state: SubscriptionState
    private let progress: SubscriptionProgress
    private let target: any DeliveryTarget
    private let calls: StoreCalls
    private let keeper: LeaseKeeper
    private let start: Int64

    init(
        _ state: SubscriptionState,
        _ progress: SubscriptionProgress,
        _ target: any DeliveryTarget,
        _ calls: StoreCalls,
        owner: String,
        start: Int64
    ) {
        self.state = state
        self.progress = progress
        self.target = target
        self.calls = calls
        self.start = start
        keeper = LeaseKeeper(progress.partition.key, owner: owner, calls)
    }

    private var isWanted: Bool { !calls.mustEnd && !state.isRemoved }

    func run() async {
        defer { progress.rest() }
        var losses = 0
        while isWanted {
            switch await runOnce() {
            case .done: continue
            case .lost:
                losses += 1
                log(.notice, "A subscription was lost to another process, and waits.")
                _ = await calls.pause(calls.runtime.configuration.retryBackoff, afterFailures: losses)
            case .failed(let error):
                let resumes = state.resumeCount
                // First: who waits for its end looks into the log.
                log(.error, "A subscription has stopped.", ["error": "\(error)"])
                progress.stop(error)
                while isWanted, state.resumeCount == resumes { await progress.wakeUp.wait() }
            }
        }
    }

    private func runOnce() async -> Ending {
        do throws(RunEnd) {
            guard state.subscription.durability == .durable else {
                return await work(nil, OwnershipWatch(until: nil, timeout: nil))
            }
            guard let ownership = try await keeper.acquire(progress, while: { isWanted }) else { return .done }
            let watch = OwnershipWatch(until: ownership.end, timeout: state.subscription.timeout)
            let ending = await withTaskGroup(of: Ending?.self) { group in
                group.addTask { await work(ownership, watch) }
                group.addTask {
                    await keeper.keep(ownership, watch)
                    return nil
                }
                var ending: Ending?
                for await ended in group {
                    ending = ending ?? ended
                    group.cancelAll()
                }
                return ending ?? .lost
            }
            guard !watch.isLost else { return .lost }
            if state.isRemoved {
                try? await calls.runtime.store.deleteCheckpoint(of: progress.partition.key)
            } else {
                await keeper.release(ownership.checkpoint)
            }
            return ending
        } catch {
            return Ending(error)
        }
    }

    private func work(_ ownership: LeaseKeeper.Ownership?, _ watch: OwnershipWatch) async -> Ending {
        let work = PartitionWork(state, progress, target, calls, watch)
        do throws(RunEnd) {
            try await work.begin(ownership, start: start)
            try await work.follow()
            return .done
        } catch {
            return Ending(error)
        }
    }

    private func log(_ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata = [:]) {
        var metadata = metadata
        metadata["subscription"] = "\(progress.partition.key)"
        calls.runtime.instruments.logger.log(level: level, message, metadata: metadata)
    }
}

extension PartitionRunner.Ending {
    fileprivate init(_ end: RunEnd) {
        switch end {
        case .stopped(let error): self = .failed(error)
        case .lost: self = .lost
        case .interrupted: self = .done
        }
    }
}
