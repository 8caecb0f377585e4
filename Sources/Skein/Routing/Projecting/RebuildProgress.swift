/// How far a rebuild has come.
public struct RebuildProgress: Hashable, Sendable {
    /// Everything up to this position is in the new tables.
    public let position: Int64

    /// Where the log ends.
    public let head: Int64

    /// How many positions of the log were dealt with a second, over the last seconds.
    public let rate: Double

    /// How much is done, from 0 to 1.
    public var fraction: Double { head > 0 ? min(1, Double(position) / Double(head)) : 1 }

    /// How long the rest takes at that rate; nil if that cannot be told yet.
    public var timeLeft: Duration? {
        guard rate > 0 else { return position >= head ? .zero : nil }
        return .seconds(Double(max(0, head - position)) / rate)
    }
}

/// Why a read model was not rebuilt. What readers see is as it was.
public enum RebuildError: Error {
    /// No projection of the bus has this name, or the subscription of this name is none.
    case unknownProjection(String)

    /// The projection breaks a rule, or is not for this store.
    case invalidInput(InvalidInput)

    /// The subscription has nothing that may run again on replay; see ``ReplayableEventHandler``.
    case notReplayable(String)

    /// The read model cannot be rebuilt for one aggregate alone; see ``AggregateProjection``.
    case notByAggregate(String)

    /// An event could not be handled, or the store failed. The new tables stay as they are, and the next rebuild goes on
    /// with them.
    case stopped(SubscriptionError)

    /// The store failed.
    case store(EventStoreError)

    /// The task was cancelled. The next rebuild goes on where this one was.
    case cancelled
}

/// Somebody else has put new tables in place meanwhile.
struct RebuiltByOthers: Error {}
