import SwiftCSV

/// The fields of one CSV record, read with SwiftCSV.
///
/// SwiftCSV goes through a text by `Character` and takes every Unicode line break for the end of a row: an accent after a
/// comma would hide the comma, and U+2028 in a description would tear the row apart. It therefore sees printable ASCII as
/// it is, and a character of the private use area in place of every other byte.
enum CSVFields {
    /// Splits a record, which has no line break at its end. Throws SwiftCSV's error if a quote is out of place.
    static func split(_ record: some Collection<UInt8>) throws -> [[UInt8]] {
        var scalars = String.UnicodeScalarView()
        scalars.reserveCapacity(record.count + 1)
        for byte in record { scalars.append(shield(byte)) }
        // Without a line break, SwiftCSV drops an empty field at the end and a quote that is never closed.
        scalars.append("\n")
        let csv = try EnumeratedCSV(string: String(scalars), delimiter: .comma, loadColumns: false)
        return csv.header.map { field in field.unicodeScalars.map(unshield) }
    }

    private static let shieldBase: UInt16 = 0xE000

    private static func shield(_ byte: UInt8) -> Unicode.Scalar {
        guard !(0x20...0x7E).contains(byte) else { return Unicode.Scalar(byte) }
        return Unicode.Scalar(shieldBase + UInt16(byte)) ?? "\u{FFFD}"
    }

    private static func unshield(_ scalar: Unicode.Scalar) -> UInt8 {
        UInt8(truncatingIfNeeded: scalar.value)
    }
}
