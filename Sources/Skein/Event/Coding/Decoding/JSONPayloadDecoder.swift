/// Decodes values from UTF-8 JSON, several times as fast as `JSONDecoder` for small events.
///
/// It reads what ``JSONPayloadEncoder`` and a `JSONEncoder` with its default settings write, and gives what a `JSONDecoder`
/// with its default settings gives, errors and their coding paths included. Of members with one key the first counts. It
/// differs in these points: only what RFC 8259 calls JSON is read, also in members that nobody asks for; only UTF-8
/// without a byte order mark; whole numbers are exact, also with a fraction or an exponent; an error about a number has
/// its coding path, and no error holds a part of the bytes.
package struct JSONPayloadDecoder: Sendable {
    package init() {}

    /// Decodes a value. Throws a `DecodingError`, or what the type's own `init(from:)` throws.
    package func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try decode(type, from: bytes, caseName: nil)
    }

    /// Decodes an enum from the name of its case and the case's own JSON, as `JSONPayloadEncoder.encodeEvent` gives them.
    package func decodeCase<T: Decodable>(_ type: T.Type, named name: String, from bytes: [UInt8]) throws -> T {
        try decode(type, from: bytes, caseName: name)
    }

    private func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8], caseName: String?) throws -> T {
        let reader: JSONReader
        do throws(JSONSyntaxError) {
            reader = try JSONReader(bytes, caseName: caseName)
        } catch {
            throw error.decodingError
        }
        return try JSONPlace(reader: reader, index: 0).value(type)
    }
}
