/// Why a partition's run ended before it was asked to.
enum RunEnd: Error {
    /// It cannot go on.
    case stopped(SubscriptionError)

    /// Somebody else owns the partition, or may own it by now.
    case lost

    /// The task was cancelled, or the bus stops, in the midst of something.
    case interrupted
}

/// A handler ran for longer than its subscription's timeout.
public struct HandlerTimedOut: Error, Hashable, Sendable {
    /// How long it was given.
    public let timeout: Duration
}

/// The process ended, or lost the subscription, each time that an event was being handled.
public struct HandlerDidNotReturn: Error, Hashable, Sendable {
    /// How many attempts were begun.
    public let attempts: Int
}
