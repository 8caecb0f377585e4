import Synchronization

/// Fills new tables of a read model from the log, beside those that readers see, and then puts them in their place.
///
/// One process does so at a time, under a lease of its own; whoever comes later goes on where it was left, or finds it done.
struct Rebuild: Sendable {
    private let projection: any DeclaredProjection
    private let subscription: Subscription
    private let runtime: BusRuntime
    private let stop: StopSignal
    private let report: @Sendable (RebuildProgress) -> Void

    /// - Parameter stop: Interrupts it.
    init(
        _ projection: any DeclaredProjection,
        of subscription: Subscription,
        _ runtime: BusRuntime,
        stop: StopSignal = StopSignal(),
        report: @escaping @Sendable (RebuildProgress) -> Void
    ) {
        self.projection = projection
        self.subscription = subscription
        self.runtime = runtime
        self.stop = stop
        self.report = report
    }

    private var store: any EventStore { runtime.store }

    /// Where the checkpoint of tables is kept that are being filled. No subscription of a user's has such a name.
    static func key(of name: String) -> String { "\(name)#rebuild" }

    private var key: String { Self.key(of: projection.name) }

    /// Rebuilds the read model if it is of a lower version than the projection; false if it is not.
    func runIfOutdated() async throws(RebuildError) -> Bool {
        let kept = try await asking { store throws(EventStoreError) in
            try await Generations.kept(of: projection.name, in: store)
        }
        guard let kept, kept.live.version < projection.version else { return false }
        try await run(kept)
        return true
    }

    /// Rebuilds the read model, whatever version it has.
    func run() async throws(RebuildError) {
        let kept = try await asking { store throws(EventStoreError) in
            try await Generations.kept(of: projection.name, in: store)
        }
        // One that was never made is made by its subscription.
        guard let kept else { return }
        try refuseIfNewer(kept.live)
        try await run(kept)
    }

    private func run(_ first: Generations) async throws(RebuildError) {
        var kept = first
        try await discardOthers(kept)
        try await reportStart()
        var rounds = 0
        while true {
            if try await fill(replacing: kept.live.number), try await switchOver(from: kept.live) { return }
            rounds += 1
            try await pause(after: rounds)
            let now = try await asking { store throws(EventStoreError) in
                try await Generations.kept(of: projection.name, in: store)
            }
            // Somebody else has put new tables in place, or taken the read model away.
            guard let now, now.live == first.live else { return }
            kept = now
            try await discardOthers(kept)
        }
    }

    private func refuseIfNewer(_ generation: Generations.Generation) throws(RebuildError) {
        guard generation.version > projection.version else { return }
        let error = ProjectionSuperseded(live: generation.version, declared: projection.version)
        throw .stopped(.handlerFailed(position: 0, attempts: 1, error))
    }

    /// Lets go of what was begun for a version of the projection before this one.
    private func discardOthers(_ kept: Generations) async throws(RebuildError) {
        guard let building = kept.building, building.version != projection.version else { return }
        try refuseIfNewer(building)
        var kept = kept
        // The number is not used again: whoever fills those tables may not know yet that they are gone.
        kept.building = Generations.Generation(
            number: building.number + 1,
            version: projection.version,
            tables: projection.tables
        )
        let change = kept.change
        try await asking { store throws(EventStoreError) in
            try await store.deleteCheckpoint(of: key)
            try await projection.drop(building, in: store)
            try await store.change([change], of: projection.name)
        }
    }

    /// Tells at once where it goes on: only so can a rebuild that was interrupted be told from a new one.
    private func reportStart() async throws(RebuildError) {
        let position = try await asking { store throws(EventStoreError) in
            try await store.checkpoint(of: key)?.position ?? 0
        }
        let head = try await asking { store throws(EventStoreError) in try await store.head() }
        report(RebuildProgress(position: position, head: max(head, position), rate: 0))
    }

    // MARK: Filling

    /// Fills the new tables until they have all that is stored; false if somebody else has put new tables in place.
    private func fill(replacing number: Int) async throws(RebuildError) -> Bool {
        let (projection, runtime) = (projection, runtime)
        let filling = Subscription(
            key,
            batches: subscription.batches,
            failure: subscription.failure,
            timeout: subscription.timeout
        ) { runtime in projection.target(runtime, replacing: number) }
        let state = SubscriptionState(filling)
        guard let progress = state.partitions.first else { return false }
        let filled = StopSignal()
        let owner = runtime.identifiers.next(UniqueID<RebuildOwner>.self, at: runtime.time.now()).description
        let runner = SubscriptionRunner(state, StoreCalls(runtime: runtime, stop: filled), owner: owner)
        let result = await withTaskGroup(of: Result<Bool, RebuildError>?.self) { group in
            group.addTask {
                await runner.run()
                return nil
            }
            group.addTask {
                let result = await watch(progress)
                filled.set()
                state.signal()
                return result
            }
            var result: Result<Bool, RebuildError>?
            for await ended in group { result = result ?? ended }
            return result
        }
        guard let result, !Task.isCancelled else { throw .cancelled }
        return try result.get()
    }

    /// Reports until everything is done that is stored when it is looked at for the last time.
    private func watch(_ progress: SubscriptionProgress) async -> Result<Bool, RebuildError> {
        do throws(RebuildError) {
            while true {
                let head = try await asking { store throws(EventStoreError) in try await store.head() }
                progress.wakeUp.signal()
                let waited = await wait(for: head, progress)
                let status = progress.status(at: runtime.time.uptime())
                report(RebuildProgress(position: status.position, head: max(head, status.position), rate: status.rate))
                if Task.isCancelled || stop.isSet { return .failure(.cancelled) }
                switch waited {
                // With an empty log there is nothing to wait for but the tables.
                case .success(.reached)? where !progress.isRunning: try await pause(after: 3)
                case .success(.reached)?: return .success(true)
                case .failure(.stopped(_, .handlerFailed(_, _, _ as RebuiltByOthers)))?: return .success(false)
                case .failure(.stopped(_, let error))?: return .failure(.stopped(error))
                case .success(.elsewhere)?: try await pause(after: 3)
                case .failure, nil: continue
                }
            }
        } catch {
            return .failure(error)
        }
    }

    /// Waits for a position, but not longer than a report takes to become stale.
    private func wait(
        for position: Int64,
        _ progress: SubscriptionProgress
    ) async -> Result<SubscriptionProgress.Arrival, SubscriptionWaitError>? {
        let time = runtime.time
        return await withTaskGroup(of: Result<SubscriptionProgress.Arrival, SubscriptionWaitError>?.self) { group in
            group.addTask {
                do throws(SubscriptionWaitError) {
                    return .success(try await progress.wait(for: position))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                try? await time.sleep(for: .milliseconds(200))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    // MARK: Switching

    /// Puts the new tables in place, unless readers would see less in them than before; then they are filled on.
    private func switchOver(from old: Generations.Generation) async throws(RebuildError) -> Bool {
        let name = projection.name
        guard
            let kept = try await asking({ store throws(EventStoreError) in
                try await Generations.kept(of: name, in: store)
            }),
            let filled = try await asking({ store throws(EventStoreError) in try await store.checkpoint(of: key) }),
            let building = kept.building
        else { return false }
        guard kept.live == old else { return true }
        // Whoever runs the old tables loses them here; if it takes them again in time, this begins once more.
        let live = try await asking { store throws(EventStoreError) in try await store.claimCheckpoint(of: name) }
        guard filled.position >= live.position else { return false }
        let made = Generations(live: building)
        do throws(EventStoreError) {
            try await projection.show(
                made,
                inPlaceOf: old,
                moving: live,
                to: filled.position,
                changing: try await parked(from: key, to: name) + [made.change],
                ending: filled,
                in: store
            )
            return true
        } catch {
            switch error.code {
            // Looked at again: the answer may have been lost.
            case .checkpointFenced, .outcomeUnknown: return false
            case _ where error.isTransient: return false
            case .handlerFailed:
                throw .stopped(.handlerFailed(position: filled.position, attempts: 1, error.cause ?? error))
            default: throw .store(error)
            }
        }
    }

    /// What is parked while filling takes the place of what was parked before.
    private func parked(from key: String, to name: String) async throws(EventStoreError) -> [NoteChange] {
        let gone = try await ParkedNote.all(of: name, in: store).map { ParkedNote.drop(at: $0.position) }
        let kept = try await ParkedNote.all(of: key, in: store).map { $0.note.keep(at: $0.position) }
        return gone + kept
    }

    // MARK: Calls

    private func asking<Value: Sendable>(
        _ ask: (any EventStore) async throws(EventStoreError) -> Value
    ) async throws(RebuildError) -> Value {
        var failures = 0
        while true {
            do throws(EventStoreError) {
                return try await ask(store)
            } catch {
                guard error.isTransient || error.code == .outcomeUnknown else { throw .store(error) }
                failures += 1
                try await pause(after: failures)
            }
        }
    }

    private func pause(after failures: Int) async throws(RebuildError) {
        let configuration = runtime.configuration
        let wait = configuration.retryBackoff.wait(
            afterFailures: failures,
            random: configuration.environment.random()
        )
        guard (try? await runtime.time.sleep(for: wait)) != nil else { throw .cancelled }
    }
}

/// The kind of a rebuild's owner.
private enum RebuildOwner {}
