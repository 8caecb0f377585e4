public import Skein

/// A value that is stored in a column, or given to a statement.
public enum SQLiteValue: Hashable, Sendable {
    case integer(Int64)
    /// Not a number is kept as NULL by SQLite.
    case real(Double)
    case text(String)
    case blob([UInt8])
    case null
}

extension SQLiteValue {
    /// A number; nil is NULL.
    public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }

    /// A number; nil is NULL.
    public init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }

    /// 1 or 0; nil is NULL.
    public init(_ value: Bool?) { self = value.map { .integer($0 ? 1 : 0) } ?? .null }

    /// A number; nil is NULL.
    public init(_ value: Double?) { self = value.map { .real($0) } ?? .null }

    /// Text; nil is NULL.
    public init(_ value: String?) { self = value.map { .text($0) } ?? .null }

    /// Bytes; nil is NULL.
    public init(_ value: [UInt8]?) { self = value.map { .blob($0) } ?? .null }

    /// The 16 bytes of an id, as the store keeps them; nil is NULL.
    public init<Kind>(_ id: UniqueID<Kind>?) {
        self = id.map { .blob([$0.high, $0.low].flatMap { Self.bytes(of: $0) }) } ?? .null
    }

    private static func bytes(of half: UInt64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
    }
}

extension SQLiteValue: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension SQLiteValue: ExpressibleByFloatLiteral {
    public init(floatLiteral value: Double) { self = .real(value) }
}

extension SQLiteValue: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
}

extension SQLiteValue: ExpressibleByBooleanLiteral {
    public init(booleanLiteral value: Bool) { self = .integer(value ? 1 : 0) }
}

extension SQLiteValue: ExpressibleByNilLiteral {
    public init(nilLiteral: ()) { self = .null }
}
