/// How long to wait between attempts: longer each time, with jitter, so that many do not come back at once.
public struct Backoff: Hashable, Sendable {
    /// The longest wait before the second attempt.
    public var first: Duration

    /// By how much the wait grows each time.
    public var factor: Double

    /// The longest wait of all.
    public var longest: Duration

    /// Creates a back-off.
    public init(first: Duration, factor: Double = 2, longest: Duration) {
        self.first = first
        self.factor = factor
        self.longest = longest
    }

    /// The wait after so many failures, from 1, before jitter.
    public func wait(afterFailures failures: Int) -> Duration {
        var wait = first
        for _ in 1..<max(1, min(failures, 64)) {
            guard wait < longest else { break }
            wait = wait * factor
        }
        return min(wait, longest)
    }

    /// The wait after so many failures, cut by a random part of up to one half.
    public func wait(afterFailures failures: Int, random: UInt64) -> Duration {
        let share = 0.5 + Double(random >> 11) / Double(1 << 53) / 2
        return wait(afterFailures: failures) * share
    }
}
