/// Where a new subscription begins. One that has begun goes on where it was, whatever is said here.
public enum SubscriptionStart: Hashable, Sendable {
    /// With the first event of the log.
    case beginning

    /// With the first event that is stored after it was run for the first time.
    case now

    /// With the first event after a position.
    case position(Int64)
}
