/// Names a column of a row: `"copies"` by its name, `0` by its place.
public enum SQLiteColumn: Hashable, Sendable {
    /// The first column of this name, letter by letter as the statement has it.
    case name(String)

    /// The first column has index 0.
    case index(Int)
}

extension SQLiteColumn: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = .name(value) }
}

extension SQLiteColumn: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self = .index(value) }
}

extension SQLiteColumn: CustomStringConvertible {
    public var description: String {
        switch self {
        case .name(let name): name
        case .index(let index): "\(index)"
        }
    }
}
