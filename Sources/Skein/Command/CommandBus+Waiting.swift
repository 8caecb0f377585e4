extension CommandBus {
    /// Waits until a subscription has handled everything up to a position, such as a receipt's.
    ///
    /// An event that the subscription filters out, skips or parks counts as handled. If another process runs the
    /// subscription, its checkpoint in the store is looked at, which is up to ``BusConfiguration/checkpointInterval`` behind
    /// while there is much to do.
    public func wait(
        for subscription: String,
        toReach position: Int64,
        within timeout: Duration
    ) async throws(SubscriptionWaitError) {
        let wait = SubscriptionWait(for: subscription, toReach: position, runtime, router.state(of: subscription))
        guard !wait.isReached else { return }
        let time = runtime.time
        let result = await withTaskGroup(of: Result<Void, SubscriptionWaitError>.self) { group in
            group.addTask {
                do throws(SubscriptionWaitError) {
                    return .success(try await wait.run())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                guard (try? await time.sleep(for: timeout)) != nil else { return .failure(.cancelled) }
                return .failure(.timeout(subscription: subscription, reached: wait.reached, wanted: position))
            }
            let first = await group.next() ?? .failure(.cancelled)
            group.cancelAll()
            return first
        }
        try result.get()
    }

    /// Waits for the subscriptions that a command's sender named, all within one timeout.
    func waitForSubscriptions<A: Aggregate>(
        of receipt: CommandReceipt<A>,
        _ options: CommandOptions
    ) async throws(CommandError<A.Rejection>) {
        let time = runtime.time
        let end = time.uptime() + options.awaitingTimeout
        for subscription in options.awaiting {
            do throws(SubscriptionWaitError) {
                try await wait(for: subscription, toReach: receipt.position, within: max(.zero, end - time.uptime()))
            } catch {
                let stored = StoredCommand(id: receipt.commandID, version: receipt.version, position: receipt.position)
                throw .notYetVisible(stored, error)
            }
        }
    }
}
