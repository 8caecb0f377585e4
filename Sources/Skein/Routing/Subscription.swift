/// Named interest in events: which ones, who handles them, and what happens when that fails.
public struct Subscription: Sendable {
    /// Where a subscription's position is kept.
    public enum Durability: Hashable, Sendable {
        /// In the store: after a restart the subscription goes on where it was.
        case durable

        /// Nowhere: every ``CommandBus/run()`` begins with the first event. For read models kept in memory.
        case ephemeral
    }

    /// The subscription's name, unique in its store; its checkpoint is kept under it.
    public let name: String

    /// Where its position is kept.
    public let durability: Durability

    /// What happens when its handler throws.
    public let retry: RetryPolicy

    package let routes: [On]

    /// Creates a subscription of one handler.
    public init(
        _ name: String,
        _ handler: some EventHandler,
        durability: Durability = .durable,
        retry: RetryPolicy = .standard
    ) {
        self.init(name, durability: durability, retry: retry) { On(handler) }
    }

    /// Creates a subscription of several handlers, for events of different aggregate types in their common order.
    public init(
        _ name: String,
        durability: Durability = .durable,
        retry: RetryPolicy = .standard,
        @RouteBuilder routes: () -> [On]
    ) {
        self.name = name
        self.durability = durability
        self.retry = retry
        self.routes = routes()
    }

    /// Throws ``InvalidInput`` if the name breaks a rule, or if two routes share an aggregate's stored name.
    func validate() throws(InvalidInput) {
        try StreamID.validate(name, as: "subscription name")
        guard !routes.isEmpty else {
            throw InvalidInput(field: "subscription \(name)", reason: "it handles no events")
        }
        var seen: Set<String> = []
        for route in routes where !seen.insert(route.aggregateName).inserted {
            throw InvalidInput(
                field: "subscription \(name)",
                reason: "two of its routes are for aggregates called \(route.aggregateName)"
            )
        }
    }
}

/// Sends the events of one aggregate type to a handler.
public struct On: Sendable {
    typealias Delivery = @Sendable (StoredEvent) async throws -> Void

    let aggregateName: String
    let bind: @Sendable (any EventCoder) -> Delivery

    /// Handles the events of an aggregate type with a closure.
    public init<A: Aggregate>(
        _ type: A.Type,
        _ handle: @escaping @Sendable (RecordedEvent<A>) async throws -> Void
    ) {
        aggregateName = type.aggregateName
        bind = { coder in
            let codec = coder.codec(for: A.Event.self)
            return { stored in try await handle(RecordedEvent(codec.decode(stored), from: stored)) }
        }
    }

    /// Handles the events of an aggregate type with a handler.
    public init<Handler: EventHandler>(_ handler: Handler) {
        self.init(Handler.Source.self) { event in try await handler.handle(event) }
    }
}

/// Lists the subscriptions of a ``CommandBus``.
@resultBuilder
public enum SubscriptionBuilder: ListBuilder {
    /// One subscription.
    public typealias Element = Subscription
}

/// Lists the routes of a ``Subscription``.
@resultBuilder
public enum RouteBuilder: ListBuilder {
    /// One route.
    public typealias Element = On
}

/// What the result builders for lists share.
public protocol ListBuilder {
    /// What is listed.
    associatedtype Element
}

extension ListBuilder {
    /// An element.
    public static func buildExpression(_ element: Element) -> [Element] { [element] }

    /// Several elements, made elsewhere.
    public static func buildExpression(_ elements: [Element]) -> [Element] { elements }

    /// All elements of a block.
    public static func buildBlock(_ parts: [Element]...) -> [Element] { parts.flatMap { $0 } }

    /// The elements of an `if` without `else`.
    public static func buildOptional(_ part: [Element]?) -> [Element] { part ?? [] }

    /// The elements of the first branch.
    public static func buildEither(first part: [Element]) -> [Element] { part }

    /// The elements of the second branch.
    public static func buildEither(second part: [Element]) -> [Element] { part }

    /// The elements of a loop.
    public static func buildArray(_ parts: [[Element]]) -> [Element] { parts.flatMap { $0 } }
}
