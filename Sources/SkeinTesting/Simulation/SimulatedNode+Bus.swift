public import Skein

extension SimulatedNode {
    func drain() async throws {
        guard let bus = service as? CommandBus else { return }
        if bus.router.statuses.contains(where: \.hasStopped) {
            crash()
            try start()
        }
        let head = try await world.store.head()
        try await perform { service in
            guard let bus = service as? CommandBus else { return }
            for status in bus.router.statuses {
                try await bus.wait(for: status.name, toReach: head, within: .seconds(120))
            }
        }
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

extension SubscriptionStatus {
    fileprivate var hasStopped: Bool {
        if case .stopped = activity { true } else { false }
    }
}
