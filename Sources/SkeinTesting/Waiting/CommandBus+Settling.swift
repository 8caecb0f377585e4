public import Skein

extension CommandBus {
    /// Waits until every subscription has handled all that is stored, and all that its handling has stored in turn.
    ///
    /// The bus must be running. The time is that of the bus, so a virtual clock must go on to end the waiting.
    ///
    /// - Throws: ``NotSettled``, with where each subscription stands, when the time has passed or a subscription stops.
    public func settle(within timeout: Duration = .seconds(5)) async throws(NotSettled) {
        let end = time.uptime() + timeout
        var head: Int64 = 0
        while true {
            let newHead: Int64
            do throws(EventStoreError) {
                newHead = try await store.head()
            } catch {
                throw NotSettled(.store(error), head: nil, router.statuses)
            }
            guard newHead > head else { return }
            head = newHead
            for status in router.statuses {
                do throws(SubscriptionWaitError) {
                    try await wait(for: status.name, toReach: head, within: max(.zero, end - time.uptime()))
                } catch {
                    throw NotSettled(NotSettled.Reason(error, timeout), head: head, router.statuses)
                }
            }
        }
    }
}

extension NotSettled.Reason {
    fileprivate init(_ error: SubscriptionWaitError, _ timeout: Duration) {
        switch error {
        case .timeout: self = .timeout(timeout)
        case .cancelled: self = .cancelled
        case .store(let error): self = .store(error)
        // The names come from the bus itself, so none is unknown.
        case .stopped, .unknownSubscription: self = .stopped
        }
    }
}
