/// What a subscription does when its handler throws: first try again, then one of three things.
///
/// An event that cannot be decoded is not tried again. An attempt that ended with the process counts as one that failed.
public struct FailurePolicy: Sendable {
    /// What becomes of an event that has failed for the last time.
    public enum Resort: Hashable, Sendable {
        /// The subscription stops before it; nothing is skipped.
        case stop

        /// The event is put aside, and the later ones of its aggregate wait behind it; all others are handled.
        ///
        /// ``CommandBus/parkedEvents(of:)`` lists them, ``CommandBus/retryParked(of:)`` tries them again.
        case park

        /// The event is left out and counted; for handlers whose effect nobody misses.
        case skip
    }

    /// How often and when it is tried again.
    public var retry: RetryPolicy

    /// What follows the last failure.
    public var resort: Resort

    /// Creates a policy.
    public init(retry: RetryPolicy = .standard, then resort: Resort = .stop) {
        self.retry = retry
        self.resort = resort
    }

    /// The standard retries, then stop.
    public static let standard = FailurePolicy()
}
