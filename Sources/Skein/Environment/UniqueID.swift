/// A 128-bit identifier of one kind of thing, written like a UUID.
///
/// The kind is a phantom type: a ``CommandID`` cannot be passed where an ``EventID`` is wanted.
public struct UniqueID<Kind>: Hashable, Sendable {
    /// The upper 64 bits; in ids that Skein makes, they begin with the milliseconds since 1970.
    public let high: UInt64

    /// The lower 64 bits.
    public let low: UInt64

    /// Creates an id from its bits. Any value is allowed; the id need not follow a UUID version.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Creates an id with the bits of an id of another kind.
    public init<Other>(_ other: UniqueID<Other>) {
        self.init(high: other.high, low: other.low)
    }

    // One word instead of two: ids that are made differ in the lower half, chosen ones in either.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(low ^ SeededRandom.mix(high))
    }
}

/// Identifies a command over all processes and for all time; the same id is never carried out twice.
public typealias CommandID = UniqueID<CommandIdentity>

/// Identifies a stored event.
public typealias EventID = UniqueID<EventIdentity>

/// Is shared by everything that one outside request set in motion.
public typealias CorrelationID = UniqueID<CorrelationIdentity>

/// Names the command or the event that a message directly follows from.
public typealias CausationID = UniqueID<CausationIdentity>

/// The kind of a ``CommandID``.
public enum CommandIdentity {}

/// The kind of an ``EventID``.
public enum EventIdentity {}

/// The kind of a ``CorrelationID``.
public enum CorrelationIdentity {}

/// The kind of a ``CausationID``.
public enum CausationIdentity {}
