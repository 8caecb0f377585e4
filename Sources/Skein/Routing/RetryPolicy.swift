/// What a subscription does when its handler throws: try again with growing waits, then stop.
///
/// A stopped subscription leaves all others alone and keeps its checkpoint before the failed event. An event that cannot
/// be decoded stops it at once, for trying again does not help.
public struct RetryPolicy: Hashable, Sendable {
    /// How often an event is tried again after its first failure.
    public var retries: Int

    /// How long to wait between attempts.
    public var backoff: Backoff

    /// Creates a policy.
    public init(retries: Int, backoff: Backoff) {
        self.retries = retries
        self.backoff = backoff
    }

    /// Five retries over some six seconds.
    public static let standard = RetryPolicy(
        retries: 5,
        backoff: Backoff(first: .milliseconds(200), factor: 2, longest: .seconds(30))
    )

    /// No retry.
    public static let stopAtOnce = RetryPolicy(retries: 0, backoff: Backoff(first: .zero, longest: .zero))
}
