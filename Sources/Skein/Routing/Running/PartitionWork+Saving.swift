import Metrics

extension PartitionWork {
    /// Moves the checkpoint to where the work is, with all notes that belong to it; without anything new it does nothing.
    ///
    /// - Parameters:
    ///   - changes: What else changes in the same transaction.
    ///   - wanted: How far the work is to come before it saves again, if that is further than usual.
    func save(changing changes: [NoteChange] = [], reaching wanted: Int64 = 0) async throws(RunEnd) {
        guard let checkpoint = saved else { return }
        let notes = due(through: position) + changes
        guard checkpoint.position != position || !notes.isEmpty || wanted > window.end else { return }
        let (next, change) = window.moved(from: checkpoint.position, to: position, reaching: wanted)
        let moved = try await calls.move(checkpoint, to: position, changing: notes + (change.map { [$0] } ?? []))
        settled(moved, next)
    }

    func saveIfDue() async throws(RunEnd) {
        guard now - savedAt >= calls.runtime.configuration.checkpointInterval else { return }
        try await save()
    }

    /// Notes that the store has a checkpoint, and with it all notes up to there.
    func settled(_ checkpoint: Checkpoint, _ window: SubscriptionWindow) {
        saved = checkpoint
        savedAt = now
        pending.removeAll { $0.position <= checkpoint.position }
        self.window = window
    }

    /// What changes if the checkpoint comes to a position; what belongs to later events must wait for them.
    func due(through position: Int64) -> [NoteChange] {
        pending.isEmpty ? [] : pending.filter { $0.position <= position }.map(\.change)
    }

    /// Notes that everything up to a position is done, with so many events.
    func advance(to position: Int64, handling count: Int) {
        self.position = position
        progress.advance(to: position, handling: count, at: now)
        if count > 0 { metrics.handled.increment(by: count) }
    }
}
