import Dispatch

/// A point on the monotonic clock at which waiting ends.
struct Deadline: Sendable {
    private let nanoseconds: UInt64

    /// The point after a duration from now.
    init(in duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let wanted = Double(seconds) * 1e9 + Double(attoseconds) / 1e9
        nanoseconds = DispatchTime.now().uptimeNanoseconds &+ UInt64(max(0, min(wanted, 1e18)))
    }

    /// How much is left, in milliseconds rounded up; 0 when it has passed.
    var milliseconds: Int32 {
        let now = DispatchTime.now().uptimeNanoseconds
        guard nanoseconds > now else { return 0 }
        return Int32(clamping: (nanoseconds - now + 999_999) / 1_000_000)
    }

    var hasPassed: Bool { milliseconds == 0 }
}

extension Duration {
    /// Rounded up to whole milliseconds.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
