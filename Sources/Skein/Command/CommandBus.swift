public import ServiceLifecycle

/// Takes commands, lets each aggregate decide on its own one after the other, and stores what follows.
///
/// Sending works at once. ``run()`` is for what goes on by itself: event handlers, housekeeping and an orderly end.
public final class CommandBus: Service {
    let runtime: BusRuntime
    @usableFromInline let middleware: [any CommandMiddleware]
    let lifecycle: BusLifecycle
    let residency: Residency
    let kinds = KindTable()

    /// Delivers stored events to handlers.
    public let router: EventRouter

    /// The store that the bus writes to.
    public var store: any EventStore { runtime.store }

    /// Creates a bus with the defaults and subscriptions, if there are any.
    public convenience init(
        store: any EventStore,
        middleware: [any CommandMiddleware] = [],
        @SubscriptionBuilder subscriptions: () -> [Subscription] = { [] }
    ) {
        self.init(store: store, uncheckedConfiguration: BusConfiguration(), middleware, subscriptions())
    }

    /// Creates a bus.
    ///
    /// - Parameters:
    ///   - store: Where events are kept. The bus does not close it.
    ///   - configuration: The settings; ``InvalidInput`` is thrown for one that makes no sense.
    ///   - middleware: Stands around each command; the first is the outermost.
    ///   - subscriptions: What ``run()`` delivers events to.
    public convenience init(
        store: any EventStore,
        configuration: BusConfiguration,
        middleware: [any CommandMiddleware] = [],
        @SubscriptionBuilder subscriptions: () -> [Subscription] = { [] }
    ) throws(InvalidInput) {
        try configuration.validate()
        self.init(store: store, uncheckedConfiguration: configuration, middleware, subscriptions())
    }

    private init(
        store: any EventStore,
        uncheckedConfiguration configuration: BusConfiguration,
        _ middleware: [any CommandMiddleware],
        _ subscriptions: [Subscription]
    ) {
        runtime = BusRuntime(store: store, configuration: configuration)
        self.middleware = middleware
        residency = Residency(runtime)
        lifecycle = BusLifecycle()
        router = EventRouter(runtime: runtime, subscriptions: subscriptions)
    }

    /// The bus's clocks.
    package var time: any TimeSource { runtime.time }

    /// How many aggregates are in memory.
    public var residentCount: Int { residency.count }

    /// What became of a command; nil if the store does not know its id.
    ///
    /// Nil is no proof that a commit still in flight will fail. To be sure, send the command with the same id again.
    public func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try await store.outcome(of: command)
    }
}
