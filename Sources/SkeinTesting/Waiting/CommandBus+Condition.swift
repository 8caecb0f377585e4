public import Skein

extension CommandBus {
    /// Waits until a condition holds, such as one on a projection.
    ///
    /// It is looked at now, after a subscription has handled or filtered out an event, and after a commit; in between
    /// nothing happens. What comes while it is looked at leads to one more look. The time is that of the bus.
    ///
    /// - Throws: ``NotSettled`` when the time has passed, the condition throws, or all subscriptions have stopped.
    public func wait(
        within timeout: Duration = .seconds(5),
        until condition: () async throws -> Bool
    ) async throws(NotSettled) {
        let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let reason = await withTaskGroup(of: Void.self) { group -> NotSettled.Reason? in
            for status in router.statuses {
                group.addTask { await self.signal(change, atEachStepFrom: status, within: timeout) }
            }
            group.addTask { [store] in
                for await _ in store.commits() { change.yield() }
            }
            group.addTask { [time] in
                if (try? await time.sleep(for: timeout)) != nil { change.finish() }
            }
            change.yield()
            defer { group.cancelAll() }
            return await watch(changes, within: timeout, condition)
        }
        if let reason { throw NotSettled(reason, head: nil, router.statuses) }
    }

    /// Looks at the condition after each change and at the end; nil once it holds.
    private func watch(
        _ changes: AsyncStream<Void>,
        within timeout: Duration,
        _ condition: () async throws -> Bool
    ) async -> NotSettled.Reason? {
        do {
            for await _ in changes {
                let areAllStopped = router.areAllStopped
                if try await condition() { return nil }
                if areAllStopped { return .stopped }
            }
            if Task.isCancelled { return .cancelled }
            return try await condition() ? nil : .timeout(timeout)
        } catch {
            return .conditionFailed(error)
        }
    }

    /// Signals whenever a subscription has come further, and when it stops.
    private func signal(
        _ change: AsyncStream<Void>.Continuation,
        atEachStepFrom status: SubscriptionStatus,
        within timeout: Duration
    ) async {
        var position = status.position
        while true {
            do throws(SubscriptionWaitError) {
                try await wait(for: status.name, toReach: position + 1, within: timeout)
            } catch {
                // It has stopped; or the time has passed, or the task was cancelled, which ends the waiting anyway.
                change.yield()
                return
            }
            position = router.statuses.first { $0.name == status.name }?.position ?? position + 1
            change.yield()
        }
    }
}

extension EventRouter {
    fileprivate nonisolated var areAllStopped: Bool {
        let statuses = statuses
        return !statuses.isEmpty
            && statuses.allSatisfy { if case .stopped = $0.activity { true } else { false } }
    }
}
