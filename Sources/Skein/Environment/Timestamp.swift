#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A point in time, in microseconds since 1970 (UTC), as stores keep it.
public struct Timestamp: Hashable, Sendable, Codable {
    /// Microseconds since 1970; negative before.
    public let microseconds: Int64

    /// Creates a time from microseconds since 1970.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Creates a time from a date, cut to whole microseconds; dates out of range become the nearest time.
    public init(_ date: Date) {
        let value = (date.timeIntervalSince1970 * 1_000_000).rounded()
        self.init(microseconds: Int64(exactly: value) ?? (value < 0 ? .min : .max))
    }

    /// The same time as a date.
    public var date: Date {
        Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}

extension Timestamp: Comparable {
    public static func < (earlier: Timestamp, later: Timestamp) -> Bool {
        earlier.microseconds < later.microseconds
    }
}
