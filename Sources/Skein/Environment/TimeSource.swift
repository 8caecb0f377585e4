/// Where all of Skein takes its time from; tests put a virtual one here.
public protocol TimeSource: Sendable {
    /// The time of day, for what is stored. It may jump.
    func now() -> Timestamp

    /// Time passed since a fixed point; it never runs backwards. For deadlines and durations.
    func uptime() -> Duration

    /// Suspends for a duration; throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's clocks.
public struct SystemTime: TimeSource {
    private static let start = ContinuousClock.now

    /// Creates the system's time source.
    public init() {}

    public func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    public func uptime() -> Duration {
        Self.start.duration(to: .now)
    }

    public func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration, clock: .continuous)
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif
