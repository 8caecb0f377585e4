public import ServiceLifecycle
import Synchronization

/// Takes commands, lets each aggregate decide on its own one after the other, and stores what follows.
///
/// Sending works at once. ``run()`` is for what goes on by itself: event handlers, housekeeping and an orderly end.
public final class CommandBus: Service {
    let runtime: BusRuntime
    let middleware: [any CommandMiddleware]
    let lifecycle: BusLifecycle
    private let hosts = Mutex(HostTable())

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
        lifecycle = BusLifecycle()
        router = EventRouter(runtime: runtime, subscriptions: subscriptions)
    }

    /// How many aggregates of a type are in memory.
    public func residentCount<A: Aggregate>(of type: A.Type) -> Int {
        allHosts.reduce(0) { $0 + (($1 as? AggregateHost<A>)?.residentCount ?? 0) }
    }

    /// What became of a command; nil if the store does not know its id.
    ///
    /// Nil is no proof that a commit still in flight will fail. To be sure, send the command with the same id again.
    public func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try await store.outcome(of: command)
    }

    func host<A: Aggregate>(for type: A.Type) throws(InvalidInput) -> AggregateHost<A> {
        try hosts.withLock { table throws(InvalidInput) in
            try table.host(for: type, runtime)
        }
    }

    var allHosts: [any AnyAggregateHost] {
        hosts.withLock { Array($0.hosts.values) }
    }
}

/// The hosts of a bus by aggregate type, of which no two may share a stored name.
private struct HostTable: Sendable {
    var hosts: [ObjectIdentifier: any AnyAggregateHost] = [:]
    private var names: [String: ObjectIdentifier] = [:]

    mutating func host<A: Aggregate>(for type: A.Type, _ runtime: BusRuntime) throws(InvalidInput) -> AggregateHost<A> {
        let key = ObjectIdentifier(type)
        if let host = hosts[key] as? AggregateHost<A> { return host }
        let name = type.aggregateName
        guard names[name] == nil else {
            throw InvalidInput(field: "aggregate name", reason: "two aggregate types are called \(name)")
        }
        let host = AggregateHost<A>(runtime)
        hosts[key] = host
        names[name] = key
        return host
    }
}
