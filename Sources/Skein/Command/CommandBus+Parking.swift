extension CommandBus {
    /// The events that a subscription has parked, in the order of the log, wherever it runs.
    public func parkedEvents(of subscription: String) async throws(EventStoreError) -> [ParkedEvent] {
        var events: [ParkedEvent] = []
        for partition in try await partitions(of: subscription) {
            events += try await ParkedNote.all(of: partition.key, in: store).map { $0.note.event(at: $0.position) }
        }
        return events.sorted { $0.position < $1.position }
    }

    /// Asks for the parked events of all aggregates to be tried again; returns of how many aggregates there are some.
    ///
    /// Whoever runs the subscription does it soon: the events of each aggregate in order, up to one that fails again. What
    /// succeeds leaves the parked events, and with the last of them the aggregate is handled as any other.
    @discardableResult
    public func retryParked(of subscription: String) async throws(EventStoreError) -> Int {
        try await retryParked(of: subscription) { _ in true }
    }

    /// Asks for the parked events of one aggregate to be tried again; false if there are none.
    @discardableResult
    public func retryParked<A: Aggregate>(
        _ id: AggregateID<A>,
        of subscription: String
    ) async throws(EventStoreError) -> Bool {
        try await retryParked(of: subscription) { $0 == id.stream } > 0
    }

    /// Asks for a parked event to be forgotten, so that those behind it can be tried again; false if it is not parked.
    @discardableResult
    public func dropParked(at position: Int64, of subscription: String) async throws(EventStoreError) -> Bool {
        for partition in try await partitions(of: subscription) {
            let parked = try await ParkedNote.all(of: partition.key, in: store)
            guard parked.contains(where: { $0.position == position }) else { continue }
            try await store.change([SubscriptionRequest(.drop, at: position).keep], of: partition.key)
            router.state(of: subscription)?.ask()
            return true
        }
        return false
    }

    private func retryParked(
        of subscription: String,
        where isMeant: (StreamID) -> Bool
    ) async throws(EventStoreError) -> Int {
        var count = 0
        for partition in try await partitions(of: subscription) {
            var asked: Set<StreamID> = []
            var requests: [NoteChange] = []
            for (position, note) in try await ParkedNote.all(of: partition.key, in: store)
            where isMeant(note.stream) && asked.insert(note.stream).inserted {
                requests.append(SubscriptionRequest(.retry, at: position, of: note.stream).keep)
            }
            try await store.change(requests, of: partition.key)
            count += requests.count
        }
        router.state(of: subscription)?.ask()
        return count
    }
}
