extension InMemoryEventStore {
    public func checkpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint? {
        try EventStoreChecks.subscription(subscription)
        return try withLog { log throws(EventStoreError) in log.checkpoints.checkpoint(of: subscription) }
    }

    public func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.subscription(subscription)
        return try withLog { log throws(EventStoreError) in log.checkpoints.claim(subscription) }
    }

    public func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try EventStoreChecks.subscription(subscription)
        try withLog { log throws(EventStoreError) in log.checkpoints.delete(subscription) }
    }

    public func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer {
        try EventStoreChecks.lease(on: subscription, for: owner, lasting: duration)
        let now = time.uptime()
        return try withLog { log throws(EventStoreError) in
            log.checkpoints.acquireLease(on: subscription, for: owner, lasting: duration, at: now)
        }
    }

    public func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError) {
        try EventStoreChecks.lease(on: checkpoint.subscription, lasting: duration)
        let end = time.uptime() + duration
        try withLog { log throws(EventStoreError) in try log.checkpoints.renewLease(of: checkpoint, until: end) }
    }

    public func releaseLease(of checkpoint: Checkpoint) async throws(EventStoreError) {
        try EventStoreChecks.subscription(checkpoint.subscription)
        try withLog { log throws(EventStoreError) in try log.checkpoints.releaseLease(of: checkpoint) }
    }

    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.move(checkpoint, to: position, changing: notes, limits: limits)
        return try withLog { log throws(EventStoreError) in
            try log.checkpoints.move(checkpoint, to: position, changing: notes)
        }
    }

    public func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError) {
        try EventStoreChecks.change(notes, of: subscription, limits: limits)
        try withLog { log throws(EventStoreError) in log.checkpoints.change(notes, of: subscription) }
    }

    public func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote] {
        try EventStoreChecks.notes(of: subscription, topic: topic, limit: limit, limits: limits)
        return try withLog { log throws(EventStoreError) in
            log.checkpoints.notes(of: subscription, topic: topic, from: key, limit: limit)
        }
    }
}
