/// A row of a query's result.
///
/// NULL is read as nil; a value of another kind than was asked for is a ``SQLiteQueryError``, as is a column that is not
/// there.
public struct SQLiteRow: Hashable, Sendable {
    /// The names of the columns, in their order.
    public let columns: [String]

    /// The values, in the same order.
    public let values: [SQLiteValue]

    init(columns: [String], values: [SQLiteValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column, whatever it is.
    public func value(_ column: SQLiteColumn) throws(SQLiteQueryError) -> SQLiteValue {
        let index =
            switch column {
            case .name(let name): columns.firstIndex(of: name)
            case .index(let index): values.indices.contains(index) ? index : nil
            }
        guard let index else { throw SQLiteQueryError(.unknownColumn, "the row has no column \(column)") }
        return values[index]
    }

    /// A whole number.
    public func integer(_ column: SQLiteColumn) throws(SQLiteQueryError) -> Int64? {
        switch try value(column) {
        case .integer(let value): return value
        case .null: return nil
        default: throw Self.isNot("a whole number", column)
        }
    }

    /// A number; a whole one is converted.
    public func real(_ column: SQLiteColumn) throws(SQLiteQueryError) -> Double? {
        switch try value(column) {
        case .real(let value): return value
        case .integer(let value): return Double(value)
        case .null: return nil
        default: throw Self.isNot("a number", column)
        }
    }

    /// Text.
    public func text(_ column: SQLiteColumn) throws(SQLiteQueryError) -> String? {
        switch try value(column) {
        case .text(let value): return value
        case .null: return nil
        default: throw Self.isNot("text", column)
        }
    }

    /// Bytes.
    public func bytes(_ column: SQLiteColumn) throws(SQLiteQueryError) -> [UInt8]? {
        switch try value(column) {
        case .blob(let value): return value
        case .null: return nil
        default: throw Self.isNot("bytes", column)
        }
    }

    private static func isNot(_ kind: String, _ column: SQLiteColumn) -> SQLiteQueryError {
        SQLiteQueryError(.wrongType, "the column \(column) does not hold \(kind)")
    }
}
