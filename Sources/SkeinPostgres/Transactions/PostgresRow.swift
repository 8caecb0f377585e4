public import Skein

/// A row that a query has returned. It may be kept after the transaction.
///
/// Each kind of value is nil for NULL. A value of another type, or one that does not fit, is a ``PostgresError`` with the
/// code `wrongType`: cast it in the query, such as `total::float8` or `day::text`.
public struct PostgresRow: Sendable {
    private let columns: ResultColumns
    private let bytes: [UInt8]
    /// Where each value stands; nil for NULL.
    private let places: [Range<Int>?]

    init(_ rows: borrowing Rows, _ row: Int, _ columns: ResultColumns) {
        self.columns = columns
        var bytes: [UInt8] = []
        var places: [Range<Int>?] = []
        places.reserveCapacity(columns.names.count)
        for column in columns.names.indices {
            let start = bytes.count
            let place: Range<Int>? = rows.withBytes(row, Int32(column)) { value in
                bytes.append(contentsOf: value)
                return start..<bytes.count
            }
            places.append(place)
        }
        self.bytes = bytes
        self.places = places
    }

    /// The columns' names, in their order.
    public var columnNames: [String] { columns.names }

    /// Whether a value is NULL.
    public func isNull(_ column: PostgresColumn) throws(PostgresError) -> Bool {
        places[try columns.index(of: column)] == nil
    }

    /// A `smallint`, `integer`, `bigint`, or a `numeric` without a fraction.
    public func integer(_ column: PostgresColumn) throws(PostgresError) -> Int64? {
        try value(column, "an integer", \.integer)
    }

    /// A `real`, `double precision`, `numeric` or any integer; the nearest value, where it has more digits.
    public func real(_ column: PostgresColumn) throws(PostgresError) -> Double? {
        try value(column, "a number", \.real)
    }

    /// A `text`, `varchar`, `json`, `jsonb`, `uuid`, `numeric` or a value of an enumeration.
    public func text(_ column: PostgresColumn) throws(PostgresError) -> String? {
        try value(column, "a text", \.text)
    }

    /// A `boolean`.
    public func bool(_ column: PostgresColumn) throws(PostgresError) -> Bool? {
        try value(column, "a truth value", \.bool)
    }

    /// A `bytea`.
    public func bytes(_ column: PostgresColumn) throws(PostgresError) -> [UInt8]? {
        try value(column, "bytes", \.byteString)
    }

    /// A `timestamptz`; a `timestamp` counts as UTC.
    public func timestamp(_ column: PostgresColumn) throws(PostgresError) -> Timestamp? {
        try value(column, "a time", \.timestamp)
    }

    private func value<Value>(
        _ column: PostgresColumn,
        _ wanted: String,
        _ kind: KeyPath<ResultValue, Value?>
    ) throws(PostgresError) -> Value? {
        let index = try columns.index(of: column)
        guard let place = places[index] else { return nil }
        let found = ResultValue(type: columns.types[index], bytes: bytes[place])
        guard let value = found[keyPath: kind] else {
            throw PostgresError(
                .wrongType,
                "the column \(columns.names[index]) (type number \(found.type)) is not \(wanted), or does not fit"
            )
        }
        return value
    }
}

/// The columns that the rows of a result share.
final class ResultColumns: Sendable {
    let names: [String]
    /// The types' numbers in PostgreSQL's catalogue.
    let types: [UInt32]

    init(_ rows: borrowing Rows) {
        let columns = rows.columns
        names = columns.map(\.name)
        types = columns.map(\.type)
    }

    func index(of column: PostgresColumn) throws(PostgresError) -> Int {
        switch column {
        case .index(let index):
            guard names.indices.contains(index) else {
                throw PostgresError(.noSuchColumn, "there is no column \(index), the row has \(names.count)")
            }
            return index
        case .name(let name):
            guard let index = names.firstIndex(where: { $0.hasSameBytes(as: name) }) else {
                throw PostgresError(.noSuchColumn, "there is no column \(name), but \(names.joined(separator: ", "))")
            }
            return index
        }
    }
}
