public import Skein

/// A value for a statement's parameter, which the statement calls `$1`, `$2` and so on.
///
/// Numbers, truth values, times, ids and bytes have the types that stand with their cases. For texts the server takes the
/// type that it expects at that place, such as `jsonb`, `date`, `numeric` or a type of your own, and reads the text as that.
public enum PostgresValue: Hashable, Sendable {
    /// NULL, of whatever type is expected.
    case null

    /// A `bigint`.
    case integer(Int64)

    /// A text, which is read as whatever type is expected. U+0000 is refused.
    case text(String)

    /// A `double precision`.
    case real(Double)

    /// A `boolean`.
    case bool(Bool)

    /// A `bytea`.
    case bytes([UInt8])

    /// A `timestamptz`.
    case timestamp(Timestamp)

    /// A `uuid`.
    case uuid(high: UInt64, low: UInt64)

    /// A `bigint[]`, as for `unnest($1::bigint[])` and `= ANY ($1)`.
    case integers([Int64])

    /// An array of texts, which are read as whatever type is expected: write `unnest($1::text[])`.
    case texts([String])
}

extension PostgresValue {
    /// A `bigint`; nil is NULL.
    public init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }

    /// A `bigint`; nil is NULL.
    public init(_ value: Int64?) { self = value.map { .integer($0) } ?? .null }

    /// A text of whatever type is expected; nil is NULL.
    public init(_ value: String?) { self = value.map { .text($0) } ?? .null }

    /// A `boolean`; nil is NULL.
    public init(_ value: Bool?) { self = value.map { .bool($0) } ?? .null }

    /// A `double precision`; nil is NULL.
    public init(_ value: Double?) { self = value.map { .real($0) } ?? .null }

    /// A `bytea`; nil is NULL.
    public init(_ value: [UInt8]?) { self = value.map { .bytes($0) } ?? .null }

    /// A `timestamptz`; nil is NULL.
    public init(_ value: Timestamp?) { self = value.map { .timestamp($0) } ?? .null }

    /// A `uuid`; nil is NULL.
    public init<Kind>(_ value: UniqueID<Kind>?) { self = value.map { .uuid(high: $0.high, low: $0.low) } ?? .null }

    /// A `bigint[]`.
    public init(_ values: [Int64]) { self = .integers(values) }

    /// An array of texts of whatever type is expected.
    public init(_ values: [String]) { self = .texts(values) }
}

extension PostgresValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByNilLiteral
{
    public init(integerLiteral value: Int64) { self = .integer(value) }

    public init(floatLiteral value: Double) { self = .real(value) }

    public init(booleanLiteral value: Bool) { self = .bool(value) }

    public init(stringLiteral value: String) { self = .text(value) }

    public init(nilLiteral: ()) { self = .null }
}
