import SwiftCSV

/// The fields of one CSV record, read with SwiftCSV.
enum CSVFields {
    /// Why a record has no fields.
    struct Failure: Error {
        let reason: String
    }

    /// Splits a record, which has no line break at its end.
    ///
    /// SwiftCSV goes through a text by `Character`, so that an accent right after a comma hides the comma. It is therefore
    /// given one character for each byte, among which there are no accents, and its fields are turned back into bytes.
    static func split(_ record: some Sequence<UInt8>) throws(Failure) -> [[UInt8]] {
        // Without a line break at the end, SwiftCSV drops an empty last field.
        let text = String(String.UnicodeScalarView(record.map { Unicode.Scalar($0) })) + "\n"
        guard let csv = try? EnumeratedCSV(string: text, delimiter: .comma, loadColumns: false) else {
            throw Failure(reason: "its quotes are broken")
        }
        guard csv.rows.isEmpty else { throw Failure(reason: "it has a carriage return outside of quotes") }
        return csv.header.map { field in field.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
    }
}
