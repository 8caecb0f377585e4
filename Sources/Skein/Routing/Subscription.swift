/// Named interest in events: which ones, who handles them, and what happens when that fails.
public struct Subscription: Sendable {
    /// Where a subscription's position is kept.
    public enum Durability: Hashable, Sendable {
        /// In the store: after a restart the subscription goes on where it was. One process runs it at a time.
        case durable

        /// Nowhere: every ``CommandBus/run()`` begins anew, in each process. For read models kept in memory.
        case ephemeral
    }

    /// The subscription's name, unique in its store; its checkpoint is kept under it.
    public let name: String

    /// Where it begins if it is new.
    public let start: SubscriptionStart

    /// How many parts of it may be run at the same time, here or in several processes. Events of one aggregate stay in order.
    public let partitions: Int

    /// How many events are handled at a time; nil is one by one.
    public let batches: BatchSize?

    /// Where its position is kept.
    public let durability: Durability

    /// What happens when its handler throws.
    public let failure: FailurePolicy

    /// How long an attempt may take; then it is cancelled and counts as failed. Nil is without end.
    ///
    /// An attempt that goes on for longer in spite of that loses the subscription to the next process that wants it.
    public let timeout: Duration?

    package let routes: [On]

    /// Makes what the events go to; the handlers of the routes, if it is nil.
    private let target: (@Sendable (BusRuntime) -> (any DeliveryTarget)?)?

    /// The read model that the subscription keeps, if it keeps one.
    let projection: (any DeclaredProjection)?

    /// Creates a subscription of several handlers, for events of different aggregate types in their common order.
    public init(
        _ name: String,
        from start: SubscriptionStart = .beginning,
        partitions: Int = 1,
        batches: BatchSize? = nil,
        durability: Durability = .durable,
        failure: FailurePolicy = .standard,
        timeout: Duration? = nil,
        @RouteBuilder routes: () -> [On]
    ) {
        self.name = name
        self.start = start
        self.partitions = partitions
        self.batches = batches
        self.durability = durability
        self.failure = failure
        self.timeout = timeout
        self.routes = routes()
        target = nil
        projection = nil
    }

    /// Creates a subscription whose events go to a target of its own.
    init(
        _ name: String,
        batches: BatchSize? = nil,
        durability: Durability = .durable,
        failure: FailurePolicy = .standard,
        timeout: Duration? = nil,
        projection: (any DeclaredProjection)? = nil,
        to target: @escaping @Sendable (BusRuntime) -> (any DeliveryTarget)?
    ) {
        self.name = name
        start = .beginning
        partitions = 1
        self.batches = batches
        self.durability = durability
        self.failure = failure
        self.timeout = timeout
        routes = []
        self.target = target
        self.projection = projection
    }

    /// The subscription as a specification runs it: from the first event on, and without retries. A projection goes on where
    /// it was, as it does everywhere.
    package var specified: Subscription {
        let failure = FailurePolicy(retry: .stopAtOnce)
        let batches = batches.map { BatchSize($0.count) }
        guard let target else {
            return Subscription(name, batches: batches, durability: .ephemeral, failure: failure) { routes }
        }
        return Subscription(
            name,
            batches: batches,
            durability: durability,
            failure: failure,
            timeout: timeout,
            projection: projection,
            to: target
        )
    }

    /// What the subscription's events go to; nil if the store has no transactions for its projection.
    func makeTarget(_ runtime: BusRuntime) -> (any DeliveryTarget)? {
        guard let target else { return HandlerTarget(routes, of: name, runtime) }
        return target(runtime)
    }

    /// Throws ``InvalidInput`` if a setting breaks a rule, if two routes share an aggregate's stored name, or if the store
    /// has no transactions for the projection.
    func validate(for store: any EventStore) throws(InvalidInput) {
        try projection?.validate(for: store)
        try StreamID.validate(name, as: "subscription name")
        guard !name.utf8.contains(UInt8(ascii: "#")) else { throw refused("its name has a #, which marks partitions") }
        guard (1...256).contains(partitions) else { throw refused("\(partitions) partitions are not 1 to 256") }
        if let batches, batches.count < 1 || batches.wait < .zero { throw refused("its batches are empty") }
        if let timeout, timeout <= .zero { throw refused("its timeout is not above zero") }
        if case .position(let position) = start, position < 0 { throw refused("it begins at \(position), below 0") }
        guard failure.retry.retries >= 0 else { throw refused("\(failure.retry.retries) retries are below 0") }
        guard failure.resort != .park || durability == .durable else {
            throw refused("only a durable subscription can park events")
        }
        if target == nil { try validateRoutes() }
    }

    private func validateRoutes() throws(InvalidInput) {
        guard !routes.isEmpty else { throw refused("it handles no events") }
        guard routes.count == 1 || !routes.contains(where: { $0.aggregateName == nil }) else {
            throw refused("it handles all events, and some of them twice")
        }
        guard batches != nil || !routes.contains(where: \.takesBatches) else {
            throw refused("it handles batches and does not say of which size")
        }
        var seen: Set<String> = []
        for name in routes.compactMap(\.aggregateName) where !seen.insert(name).inserted {
            throw refused("two of its routes are for aggregates called \(name)")
        }
    }

    private func refused(_ reason: String) -> InvalidInput {
        InvalidInput(field: "subscription \(name)", reason: reason)
    }
}

extension Subscription {
    /// Creates a subscription of one handler.
    public init(
        _ name: String,
        _ handler: some EventHandler,
        from start: SubscriptionStart = .beginning,
        partitions: Int = 1,
        durability: Durability = .durable,
        failure: FailurePolicy = .standard,
        timeout: Duration? = nil
    ) {
        self.init(
            name,
            from: start,
            partitions: partitions,
            durability: durability,
            failure: failure,
            timeout: timeout
        ) { On(handler) }
    }

    /// Creates a subscription of one handler that stops after its last retry.
    public init(_ name: String, _ handler: some EventHandler, durability: Durability = .durable, retry: RetryPolicy) {
        self.init(name, handler, durability: durability, failure: FailurePolicy(retry: retry))
    }

    /// Creates a subscription of several handlers that stops after its last retry.
    public init(
        _ name: String,
        durability: Durability = .durable,
        retry: RetryPolicy,
        @RouteBuilder routes: () -> [On]
    ) {
        self.init(name, durability: durability, failure: FailurePolicy(retry: retry), routes: routes)
    }

    /// How often and when its handlers are tried again.
    public var retry: RetryPolicy { failure.retry }
}
