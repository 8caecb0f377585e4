/// The decisions of one kind of thing, and the state that they need.
///
/// A value of this type is the state of one aggregate; it is made from nothing but its events.
public protocol Aggregate: Sendable {
    /// What can be asked of the aggregate.
    associatedtype Command: Sendable

    /// What can have happened to the aggregate.
    associatedtype Event: DomainEvent

    /// The domain's ways of saying no; `Never` if it always agrees.
    associatedtype Rejection: DomainRejection

    /// The name under which events are stored, by default the type's name. Changing it hides what is stored.
    static var aggregateName: String { get }

    /// The state before the first event.
    init()

    /// Decides on a command: the events that follow from it, none if nothing changes, or a rejection.
    ///
    /// Keep it pure: it may run again after a conflict, and only what it returns counts. A time, a price or a random
    /// number that the decision needs is part of the command.
    func decide(_ command: Command) throws(Rejection) -> [Event]

    /// Takes an event that has happened into the state. It cannot refuse.
    mutating func apply(_ event: Event)
}

extension Aggregate {
    /// The type's name, without its module.
    public static var aggregateName: String { TypeNames.name(of: Self.self) }

    /// The id of an aggregate of this type.
    public typealias ID = AggregateID<Self>
}

/// Why the domain says no. It is stored with the commands whose sender chose their id, hence `Codable`.
public protocol DomainRejection: Error, Codable, Sendable {}

extension Never: DomainRejection {}
