/// An event that a subscription has put aside.
public struct ParkedEvent: Hashable, Sendable {
    /// The event's place in the log.
    public let position: Int64

    /// The stream that it belongs to.
    public let stream: StreamID

    /// The stored name of the event's type.
    public let name: String

    /// Whether nothing is known to be wrong with it: it waits behind an earlier event of its stream.
    public let isWaiting: Bool

    /// How often it was tried.
    public let attempts: Int

    /// What went wrong the last time, cut to some length; empty if it waits.
    public let reason: String

    /// When it was parked.
    public let parkedAt: Timestamp
}
