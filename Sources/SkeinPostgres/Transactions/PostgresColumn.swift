/// Names a column of a ``PostgresRow``: `"balance"`, or `0` for the first one.
public enum PostgresColumn: Hashable, Sendable {
    /// The column at a place, from 0.
    case index(Int)

    /// The first column of a name, compared byte by byte.
    case name(String)
}

extension PostgresColumn: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    public init(integerLiteral value: Int) { self = .index(value) }

    public init(stringLiteral value: String) { self = .name(value) }
}
