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
        transactionalHandlers: [TransactionalHandler] = [],
        @SubscriptionBuilder subscriptions: () -> [Subscription] = { [] }
    ) {
        self.init(
            store: store,
            uncheckedConfiguration: BusConfiguration(),
            middleware,
            transactionalHandlers,
            subscriptions()
        )
    }

    /// Creates a bus.
    ///
    /// - Parameters:
    ///   - store: Where events are kept. The bus does not close it.
    ///   - configuration: The settings; ``InvalidInput`` is thrown for one that makes no sense.
    ///   - middleware: Stands around each command; the first is the outermost.
    ///   - transactionalHandlers: Run inside the appends of their aggregates, in this order; ``InvalidInput`` is thrown if
    ///     the store does not lend the transactions that they want.
    ///   - subscriptions: What ``run()`` delivers events to.
    public convenience init(
        store: any EventStore,
        configuration: BusConfiguration,
        middleware: [any CommandMiddleware] = [],
        transactionalHandlers: [TransactionalHandler] = [],
        @SubscriptionBuilder subscriptions: () -> [Subscription] = { [] }
    ) throws(InvalidInput) {
        try configuration.validate()
        self.init(
            store: store,
            uncheckedConfiguration: configuration,
            middleware,
            transactionalHandlers,
            subscriptions()
        )
        try runtime.transactionalHandlers.validate(for: store)
    }

    private init(
        store: any EventStore,
        uncheckedConfiguration configuration: BusConfiguration,
        _ middleware: [any CommandMiddleware],
        _ transactionalHandlers: [TransactionalHandler],
        _ subscriptions: [Subscription]
    ) {
        runtime = BusRuntime(
            store: store,
            configuration: configuration,
            transactionalHandlers: transactionalHandlers,
            sharesDecoding: subscriptions.count > 1
        )
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
