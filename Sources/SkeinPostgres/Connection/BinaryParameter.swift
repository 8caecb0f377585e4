import Skein

/// A value that PostgreSQL takes in binary form.
protocol BinaryParameter {
    /// The number of the value's type in PostgreSQL's catalogue; it is fixed for built-in types.
    static var oid: UInt32 { get }

    /// How many bytes ``write(to:)`` writes.
    var length: Int { get }

    func write(to bytes: inout [UInt8])
}

extension BinaryParameter where Self: FixedWidthInteger {
    var length: Int { MemoryLayout<Self>.size }

    func write(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: bigEndian) { bytes.append(contentsOf: $0) }
    }
}

extension Int64: BinaryParameter {
    static var oid: UInt32 { 20 }
}

extension Int32: BinaryParameter {
    static var oid: UInt32 { 23 }
}

extension Bool: BinaryParameter {
    static var oid: UInt32 { 16 }

    var length: Int { 1 }

    func write(to bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
}

extension Double: BinaryParameter {
    static var oid: UInt32 { 701 }

    var length: Int { 8 }

    func write(to bytes: inout [UInt8]) { Int64(bitPattern: bitPattern).write(to: &bytes) }
}

extension String: BinaryParameter {
    static var oid: UInt32 { 25 }

    var length: Int { utf8.count }

    func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
}

extension [UInt8]: BinaryParameter {
    static var oid: UInt32 { 17 }

    var length: Int { count }

    func write(to bytes: inout [UInt8]) { bytes.append(contentsOf: self) }
}

extension UniqueID: BinaryParameter {
    static var oid: UInt32 { 2950 }

    var length: Int { 16 }

    func write(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes.append(contentsOf: $0) }
    }
}

/// A text that is JSON, for a column of that type.
struct JSONText: BinaryParameter {
    let text: String

    static var oid: UInt32 { 114 }

    var length: Int { text.length }

    func write(to bytes: inout [UInt8]) { text.write(to: &bytes) }
}

extension Timestamp: BinaryParameter {
    static var oid: UInt32 { 1184 }

    /// PostgreSQL counts from the year 2000.
    static let postgresEpoch: Int64 = 946_684_800_000_000

    /// PostgreSQL's first moment is in 4713 BC; its last is beyond what 64 bits of microseconds since 1970 can say.
    static let firstInPostgres = Timestamp(microseconds: -211_813_488_000_000_000 + postgresEpoch)

    var length: Int { 8 }

    func write(to bytes: inout [UInt8]) {
        (microseconds &- Self.postgresEpoch).write(to: &bytes)
    }
}
