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
