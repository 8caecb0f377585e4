/// How a subscription is doing.
public struct SubscriptionStatus: Sendable {
    /// What a subscription is doing.
    public enum Activity: Sendable {
        /// The bus does not run.
        case idle

        /// It handles events or waits for new ones.
        case running

        /// An event could not be handled, or the checkpoint was lost. It starts again with the next ``CommandBus/run()``.
        case stopped(SubscriptionError)
    }

    /// The subscription's name.
    public let name: String

    /// What it is doing.
    public let activity: Activity

    /// Everything up to this position has been handled or filtered out.
    public let position: Int64
}

/// Why a subscription stopped.
public enum SubscriptionError: Error {
    /// The handler threw, for the last time.
    case handlerFailed(position: Int64, attempts: Int, any Error)

    /// A stored event could not be decoded.
    case undecodable(EventCodingError)

    /// The checkpoint is beyond the end of the log: it belongs to another log, or the log was set back.
    case checkpointBeyondHead(checkpoint: Int64, head: Int64)

    /// The store failed in a way that trying again does not mend, or another runner took the subscription over.
    case store(EventStoreError)
}

/// Why waiting for a subscription ended before it had come far enough.
public enum SubscriptionWaitError: Error {
    /// No subscription of the bus has this name.
    case unknownSubscription(String)

    /// The time passed. The events are stored; the subscription is behind.
    case timeout(subscription: String, reached: Int64, wanted: Int64)

    /// The subscription stopped.
    case stopped(subscription: String, SubscriptionError)

    /// The waiting task was cancelled.
    case cancelled
}
