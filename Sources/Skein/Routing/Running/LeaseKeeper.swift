/// Takes a partition's lease, renews it beside the work that is done under it, and gives it back.
struct LeaseKeeper: Sendable {
    /// A partition that is owned.
    struct Ownership: Sendable {
        let checkpoint: Checkpoint
        /// Whether whoever had it before may have died over an event.
        let isAfterCrash: Bool
        /// Until when nobody else takes it, by this process's clock.
        let end: Duration
    }

    private let key: String
    private let owner: String
    private let calls: StoreCalls

    init(_ key: String, owner: String, _ calls: StoreCalls) {
        self.key = key
        self.owner = owner
        self.calls = calls
    }

    private var duration: Duration { calls.runtime.configuration.leaseDuration }

    /// Waits until the partition is this run's; nil if it is not wanted any more.
    func acquire(_ progress: SubscriptionProgress, while isWanted: () -> Bool) async throws(RunEnd) -> Ownership? {
        while isWanted(), !calls.mustEnd {
            let asked = calls.time.uptime()
            let (key, owner, duration) = (key, owner, duration)
            let answer = try await calls.retrying { store throws(EventStoreError) in
                try await store.acquireLease(on: key, for: owner, lasting: duration)
            }
            switch answer {
            case .acquired(let checkpoint, let wasReleased):
                return Ownership(checkpoint: checkpoint, isAfterCrash: !wasReleased, end: asked + duration)
            case .held(let other, let remaining):
                progress.wait(for: other)
                // It may be given back before its time is up.
                let wait = max(.milliseconds(1), min(remaining, duration / 3))
                let jitter = Double(calls.runtime.configuration.environment.random() >> 11) / Double(1 << 53) / 10
                _ = await calls.wait(wait * (1 + jitter))
            }
        }
        return nil
    }

    /// Renews the lease until it is lost, or the task is cancelled.
    func keep(_ ownership: Ownership, _ watch: OwnershipWatch) async {
        var wait = duration / 3
        while (try? await calls.time.sleep(for: wait)) != nil {
            let now = calls.time.uptime()
            // Whoever hangs must not keep others from taking over.
            guard !watch.isOverdue(at: now) else {
                guard now < watch.end else { return watch.lose() }
                wait = min(duration / 10, watch.end - now)
                continue
            }
            do throws(EventStoreError) {
                try await calls.runtime.store.renewLease(of: ownership.checkpoint, lasting: duration)
                watch.extend(to: now + duration)
                wait = duration / 3
            } catch {
                let left = watch.end - calls.time.uptime()
                guard error.code != .checkpointFenced, left > .zero else { return watch.lose() }
                wait = min(duration / 10, left)
            }
        }
    }

    /// Gives the lease back; if that fails, it runs out by itself.
    func release(_ checkpoint: Checkpoint) async {
        try? await calls.runtime.store.releaseLease(of: checkpoint)
    }
}
