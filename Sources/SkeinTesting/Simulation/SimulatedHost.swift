public import Skein

/// What one life of a simulated process is made of: from its start to its crash or the end of the run.
public struct SimulatedHost: Sendable {
    /// The name of this life, such as `a.2` for the second of node `a`.
    public let name: String

    /// The process's way to the store that all share. Faults happen here.
    public let store: any EventStore

    /// The defaults with simulated time, ids and random numbers, and a logger that writes to the trace.
    public let configuration: BusConfiguration

    /// The run that the process is part of.
    public let world: SimulatedWorld

    private let executor: Int

    init(name: String, store: any EventStore, configuration: BusConfiguration, world: SimulatedWorld, executor: Int) {
        self.name = name
        self.store = store
        self.configuration = configuration
        self.world = world
        self.executor = executor
    }

    /// A route that takes each delivery down in the history, and that fails now and then before or after its effect.
    public func on<A: Aggregate>(
        _ type: A.Type,
        in subscription: String,
        handle: @escaping @Sendable (RecordedEvent<A>) async throws -> Void = { _ in }
    ) -> On {
        world.history.on(type, in: subscription, as: name) { [self] event in
            try await interfere(with: subscription)
            try await handle(event)
            try await interfere(with: subscription)
        }
    }

    /// Fails or is slow where a handler meets the outside world, if the seed wants it.
    private func interfere(with subscription: String) async throws {
        if world.faults.pick(4) == 0 { await world.scheduler.yield(executor) }
        guard world.faults.occurs(.handlerFailure) else { return }
        world.trace.note(name, "the handler of \(subscription) fails")
        throw SimulatedHandlerFailure()
    }
}

/// What a handler throws because of ``SimulatedFault/handlerFailure``.
public struct SimulatedHandlerFailure: Error, Hashable, Sendable {}
