import CLibpq
import Skein

/// A statement's result in binary form; columns and rows count from 0.
struct Rows: ~Copyable {
    private let result: OpaquePointer
    let count: Int
    private let columnCount: Int32

    /// Takes over a result of libpq.
    init(_ result: OpaquePointer) {
        self.result = result
        count = Int(PQntuples(result))
        columnCount = PQnfields(result)
    }

    deinit { PQclear(result) }

    /// How many rows the statement has changed, or returned.
    var affected: Int {
        PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// The columns' names and their types' numbers in PostgreSQL's catalogue.
    var columns: [(name: String, type: UInt32)] {
        (0..<columnCount).map { (PQfname(result, $0).map { String(cString: $0) } ?? "", PQftype(result, $0)) }
    }

    func isNull(_ row: Int, _ column: Int32) -> Bool {
        PQgetisnull(result, Int32(row), column) != 0
    }

    private func value(_ row: Int, _ column: Int32) -> UnsafeRawBufferPointer? {
        guard row < count, column < columnCount, let start = PQgetvalue(result, Int32(row), column) else {
            return nil
        }
        let length = Int(PQgetlength(result, Int32(row), column))
        guard length > 0 || !isNull(row, column) else { return nil }
        return UnsafeRawBufferPointer(start: start, count: length)
    }

    private func number<Number: FixedWidthInteger>(_ row: Int, _ column: Int32, as type: Number.Type) -> Number? {
        guard let value = value(row, column), value.count == MemoryLayout<Number>.size else { return nil }
        return Number(bigEndian: value.loadUnaligned(as: Number.self))
    }

    func integer(_ row: Int, _ column: Int32) -> Int64? { number(row, column, as: Int64.self) }

    func smallInteger(_ row: Int, _ column: Int32) -> Int32? { number(row, column, as: Int32.self) }

    func boolean(_ row: Int, _ column: Int32) -> Bool? {
        value(row, column).flatMap { $0.first.map { $0 != 0 } }
    }

    func timestamp(_ row: Int, _ column: Int32) -> Timestamp? {
        guard let value = integer(row, column) else { return nil }
        let (microseconds, overflow) = value.addingReportingOverflow(Timestamp.postgresEpoch)
        return overflow ? nil : Timestamp(microseconds: microseconds)
    }

    func id<Kind>(_ row: Int, _ column: Int32, as kind: UniqueID<Kind>.Type = UniqueID<Kind>.self) -> UniqueID<Kind>? {
        guard let value = value(row, column), value.count == 16 else { return nil }
        return UniqueID(
            high: UInt64(bigEndian: value.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: value.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    func text(_ row: Int, _ column: Int32) -> String? {
        value(row, column).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Lends the bytes of a value, where they stand; nil for NULL.
    func withBytes<Result>(_ row: Int, _ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result?) -> Result? {
        value(row, column).flatMap(body)
    }

    func bytes(_ row: Int, _ column: Int32) -> [UInt8]? {
        value(row, column).map { [UInt8]($0) }
    }
}
