extension CommandBus {
    /// Lets a subscription handle nothing more until it is resumed, in whatever process it runs, also after a restart.
    ///
    /// What is being handled is finished. Here it takes effect at once, in another process when that looks for it: within five
    /// times ``BusConfiguration/subscriptionPollInterval``. One whose position is not kept is paused in this process only.
    public func pause(_ subscription: String) async throws(EventStoreError) {
        let state = router.state(of: subscription)
        if state?.subscription.durability != .ephemeral {
            for partition in try await partitions(of: subscription) {
                try await store.change([SubscriptionRequest.pause.keep], of: partition.key)
            }
        }
        state?.pause()
    }

    /// Lets a subscription go on that was paused, and one begin again here that has stopped.
    public func resume(_ subscription: String) async throws(EventStoreError) {
        let state = router.state(of: subscription)
        if state?.subscription.durability != .ephemeral {
            for partition in try await partitions(of: subscription) {
                try await store.change([SubscriptionRequest.pause.drop], of: partition.key)
            }
        }
        state?.resume()
    }

    /// Ends a subscription in this bus, and forgets how far it has come and what it has parked.
    ///
    /// If it is declared again, it starts anew. An event that is being handled is finished, and counts for nothing. A process
    /// that still declares it begins anew with it: take it out of all of them.
    public func remove(_ subscription: String) async throws(EventStoreError) {
        router.state(of: subscription)?.remove()
        for partition in try await partitions(of: subscription) {
            try await store.deleteCheckpoint(of: partition.key)
        }
        // What all partitions begin with goes last, so that a removal that was interrupted can be repeated.
        try await store.deleteCheckpoint(of: subscription)
    }

    /// The parts of a subscription as they are kept in the store.
    func partitions(of subscription: String) async throws(EventStoreError) -> [SubscriptionPartition] {
        let kept = try await PartitionSet.kept(of: subscription, in: store)
        let declared = router.state(of: subscription)?.partitions.count
        return SubscriptionPartition.all(of: subscription, count: kept?.count ?? declared ?? 1)
    }
}
