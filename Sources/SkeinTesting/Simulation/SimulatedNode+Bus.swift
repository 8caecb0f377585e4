public import Skein

extension SimulatedNode {
    func drain() async throws {
        // A lease that is found to be lost only now is taken again by the bus itself.
        try await catchUp()
    }

    private func catchUp() async throws(SubscriptionWaitError) {
        let caughtUp = try? await perform { [world] service -> Result<Void, SubscriptionWaitError> in
            guard let bus = service as? CommandBus else { return .success(()) }
            let head = try await world.store.head()
            do throws(SubscriptionWaitError) {
                for status in bus.router.statuses {
                    try await bus.wait(for: status.name, toReach: head, within: .seconds(120))
                    if case .stopped(let error) = bus.router.status(of: status.name) {
                        throw .stopped(subscription: status.name, error)
                    }
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try caughtUp?.get()
    }
}

extension EventRouter {
    fileprivate nonisolated func status(of name: String) -> SubscriptionStatus.Activity? {
        statuses.first { $0.name == name }?.activity
    }
}

extension SimulatedNode where Service == CommandBus {
    /// Sends a command in this process, and takes it down in the history.
    ///
    /// Throws `CommandError` as the bus does, or ``SimulatedCrash`` if the process is down or crashes before it answers.
    @discardableResult
    public func send<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        options: CommandOptions = .standard
    ) async throws -> CommandReceipt<A> where A.Command: Sendable {
        let (history, name) = (world.history, presentName)
        return try await perform { bus in
            try await history.recording(bus, as: name).send(command, to: id, options: options)
        }
    }

    /// Reads an aggregate's state in this process, and takes it down in the history.
    public func state<A: Aggregate>(of id: AggregateID<A>) async throws -> A {
        let (history, name) = (world.history, presentName)
        return try await perform { bus in try await history.recording(bus, as: name).state(of: id) }
    }

    /// Asks what became of a command, and takes it down in the history.
    public func outcome(of command: CommandID) async throws -> KnownCommand? {
        let (history, name) = (world.history, presentName)
        return try await perform { bus in try await history.recording(bus, as: name).outcome(of: command) }
    }
}
