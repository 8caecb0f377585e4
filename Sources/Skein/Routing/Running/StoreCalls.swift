/// Calls the store for a subscription, again and again until it answers, fails for good or the bus stops.
struct StoreCalls: Sendable {
    let runtime: BusRuntime
    let stop: StopSignal
    /// Where those near the end of the log read; nil to read from the store alone.
    var feed: LogFeed?
    /// Who wakes those up that have something to save; nil to save at once.
    var reminder: SaveReminder?

    var time: any TimeSource { runtime.time }

    var mustEnd: Bool { stop.isSet || Task.isCancelled }

    /// Calls the store. What is called may happen twice, for its answer may be lost.
    func retrying<Value: Sendable>(
        _ call: (any EventStore) async throws(EventStoreError) -> Value
    ) async throws(RunEnd) -> Value {
        var failures = 0
        while true {
            do throws(EventStoreError) {
                return try await call(runtime.store)
            } catch {
                try await recover(from: error, &failures)
            }
        }
    }

    /// Waits before a call is repeated that has failed; throws if that would not help.
    func recover(from error: EventStoreError, _ failures: inout Int) async throws(RunEnd) {
        if error.code == .checkpointFenced { throw .lost }
        failures += 1
        guard error.isTransient || error.code == .outcomeUnknown else { throw .stopped(.store(error)) }
        guard await pause(runtime.configuration.retryBackoff, afterFailures: failures) else { throw .interrupted }
    }

    /// Moves a checkpoint and changes notes. If an answer is lost it finds out what became of the move.
    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(RunEnd) -> Checkpoint {
        // A move whose answer was lost may still be under way, and be what the next attempt runs into.
        var isUncertain = false
        return try await retrying { store throws(EventStoreError) in
            do throws(EventStoreError) {
                return try await store.move(checkpoint, to: position, changing: notes)
            } catch  where error.code == .outcomeUnknown || error.code == .checkpointFenced && isUncertain {
                isUncertain = true
                if let moved = try await resolve(checkpoint, position, dropping: nil, store) { return moved }
                throw EventStoreError(.transient, "the move of the checkpoint is lost or still under way")
            }
        }
    }

    /// What became of a move whose answer never came; nil if it has not happened so far.
    ///
    /// Only this runner moves a checkpoint of its epoch. A move that stays where it is is told by a note that it drops;
    /// without one it may be repeated to no harm.
    func resolve(
        _ checkpoint: Checkpoint,
        _ position: Int64,
        dropping note: NoteChange?,
        _ store: any EventStore
    ) async throws(EventStoreError) -> Checkpoint? {
        let moved = Checkpoint(subscription: checkpoint.subscription, position: position, epoch: checkpoint.epoch)
        let kept = try await store.checkpoint(of: checkpoint.subscription)
        guard kept == moved || kept == checkpoint else {
            throw EventStoreError(.checkpointFenced, "another runner has claimed or moved the checkpoint")
        }
        guard moved == checkpoint else { return kept == moved ? moved : nil }
        guard case .drop(let topic, let key)? = note else { return nil }
        let found = try await store.notes(of: checkpoint.subscription, topic: topic, from: key, limit: 1)
        return found.first?.key == key ? nil : moved
    }

    /// Waits before another attempt; false if the subscription is to stop instead.
    func pause(_ backoff: Backoff, afterFailures failures: Int) async -> Bool {
        await wait(backoff.wait(afterFailures: failures, random: runtime.configuration.environment.random()))
    }

    /// Waits; false if the subscription is to stop.
    func wait(_ duration: Duration) async -> Bool {
        await stop.wait(for: duration, by: time)
        return !mustEnd
    }
}
