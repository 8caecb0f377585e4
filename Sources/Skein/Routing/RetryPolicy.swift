/// How often and when an event that a handler has failed on is tried again.
public struct RetryPolicy: Sendable {
    /// How often an event is tried again after its first failure.
    public var retries: Int

    /// How long to wait between attempts.
    public var backoff: Backoff

    /// Whether an error is worth another attempt; what is wrong for good need not be tried again.
    public var isWorthRetrying: @Sendable (_ error: any Error) -> Bool

    /// Creates a policy.
    public init(
        retries: Int,
        backoff: Backoff,
        when isWorthRetrying: @escaping @Sendable (_ error: any Error) -> Bool = { _ in true }
    ) {
        self.retries = retries
        self.backoff = backoff
        self.isWorthRetrying = isWorthRetrying
    }

    /// Five retries over some six seconds.
    public static let standard = RetryPolicy(
        retries: 5,
        backoff: Backoff(first: .milliseconds(200), factor: 2, longest: .seconds(30))
    )

    /// No retry.
    public static let stopAtOnce = RetryPolicy(retries: 0, backoff: Backoff(first: .zero, longest: .zero))
}
