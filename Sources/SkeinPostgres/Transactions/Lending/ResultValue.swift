import Skein

/// A value in the binary form in which PostgreSQL returns it; nil stands for another type than was asked for.
struct ResultValue {
    /// The number of its type in PostgreSQL's catalogue.
    let type: UInt32
    let bytes: ArraySlice<UInt8>

    var integer: Int64? {
        switch type {
        case 21: number(Int16.self).map(Int64.init)
        case 23: number(Int32.self).map(Int64.init)
        case 20: number(Int64.self)
        // An oid.
        case 26: number(UInt32.self).map(Int64.init)
        case 1700: decimal?.integer
        default: nil
        }
    }

    var real: Double? {
        switch type {
        case 700: number(UInt32.self).map { Double(Float(bitPattern: $0)) }
        case 701: number(UInt64.self).map { Double(bitPattern: $0) }
        case 1700: (decimal?.text).flatMap(Double.init)
        default: integer.map(Double.init)
        }
    }

    var text: String? {
        switch type {
        // char, name, text, json, xml, unknown, bpchar, varchar.
        case 18, 19, 25, 114, 142, 705, 1042, 1043: String(validating: bytes, as: UTF8.self)
        // jsonb has its version before it.
        case 3802: bytes.first == 1 ? String(validating: bytes.dropFirst(), as: UTF8.self) : nil
        case 1700: decimal?.text
        case 2950: id.map { "\($0)" }
        // Types that were added to the database; those that are written as text, such as enumerations, have no
        // control characters.
        case 16_384...:
            String(validating: bytes, as: UTF8.self).flatMap { $0.firstControlCharacter == nil ? $0 : nil }
        default: nil
        }
    }

    var bool: Bool? {
        type == 16 ? bytes.first.map { $0 != 0 } : nil
    }

    /// The value of a `bytea`.
    var byteString: [UInt8]? {
        type == 17 ? Array(bytes) : nil
    }

    var timestamp: Timestamp? {
        // The ends of the range are the infinities.
        guard type == 1184 || type == 1114, let number = number(Int64.self), number != .min, number != .max else {
            return nil
        }
        let (microseconds, overflow) = number.addingReportingOverflow(Timestamp.postgresEpoch)
        return overflow ? nil : Timestamp(microseconds: microseconds)
    }

    private var id: UniqueID<Never>? {
        guard bytes.count == 16 else { return nil }
        let halves = [bytes.prefix(8), bytes.suffix(8)].map { $0.reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
        return UniqueID(high: halves[0], low: halves[1])
    }

    private var decimal: BinaryDecimal? { BinaryDecimal(bytes) }

    private func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        guard bytes.count == MemoryLayout<Number>.size else { return nil }
        return bytes.reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }
}
