/// Something that has happened, as the domain says it.
///
/// Any `Codable` type will do. Of an enum, each case is an event type of its own: the case's name is the stored name and
/// the case's values are the stored payload, `deposited(amount: 100)` as `deposited` and `{"amount":100}`. Values without
/// a label are stored as `_0`, `_1` …; give them labels. Any other type is stored whole, under ``eventName``.
public protocol DomainEvent: Codable, Sendable {
    /// The stored name of values that are no enum cases, by default the type's name.
    static var eventName: String { get }

    /// The version of the payload's schema that this code writes, from 1. Newer stored events are refused.
    static var schemaVersion: Int { get }
}

extension DomainEvent {
    /// The type's name, without its module.
    public static var eventName: String { String(describing: Self.self) }

    /// The first version.
    public static var schemaVersion: Int { 1 }
}
