/// Encodes values to compact UTF-8 JSON in one pass, several times as fast as `JSONEncoder` for small events.
///
/// A `JSONDecoder` with its default settings reads the values back. It differs from `JSONEncoder` in these points: `/` is not
/// escaped, and members keep the order in which they were encoded. A string or key that holds U+0000, a number that is not
/// finite, and more than 512 arrays and objects inside each other are refused with the coding path.
package struct JSONPayloadEncoder: Sendable {
    /// Whether objects are written in the order of their keys' UTF-8 bytes.
    package let sortsKeys: Bool

    package init(sortsKeys: Bool = false) {
        self.sortsKeys = sortsKeys
    }

    /// Whether a value is of an enum type. It is the same for every value of a type, and slow: ask once.
    package static func isEnum<E>(_ value: E) -> Bool {
        Mirror(reflecting: value).displayStyle == .enum
    }

    /// The event's case name and the case's own JSON if the compiler wrote its encoding, else the whole value's JSON.
    ///
    /// - An enum case that encodes as one nested object: `deposited` and `{"amount":100}`.
    /// - An enum with raw strings: the raw value, which is the JSON string too.
    /// - All else: no name.
    package func encodeEvent<E: Encodable>(_ event: E, isEnum: Bool) throws(EncodingError) -> EncodedPayload {
        let writer = JSONWriter()
        let root = try writer.writeRoot(event)
        if isEnum, let range = root.caseRange {
            return EncodedPayload(name: root.caseName, bytes: finished(writer, range))
        }
        let bytes = finished(writer, root.range)
        let isRawEnum = isEnum && bytes.first == UInt8(ascii: "\"")
        return EncodedPayload(name: isRawEnum ? rawName(event) : nil, bytes: bytes)
    }

    /// `encodeEvent(_:isEnum:)` for a type that has not been asked for before.
    package func encodeEvent<E: Encodable>(_ event: E) throws(EncodingError) -> EncodedPayload {
        try encodeEvent(event, isEnum: Self.isEnum(event))
    }

    /// The whole value's JSON.
    package func encode<E: Encodable>(_ value: E) throws(EncodingError) -> [UInt8] {
        let writer = JSONWriter()
        return finished(writer, try writer.writeRoot(value).range)
    }

    /// The JSON that equal values have in common: with sorted keys, sets and dictionaries in the order of their bytes.
    package static func canonical<E: Encodable>(_ value: E) throws(EncodingError) -> [UInt8] {
        let writer = JSONWriter(isCanonical: true)
        let root = try writer.writeRoot(value)
        return JSONText.normalized(Array(writer.document.bytes[root.range]), sortsKeys: true)
    }

    private func finished(_ writer: JSONWriter, _ range: Range<Int>) -> [UInt8] {
        let bytes = Array(writer.document.bytes[range])
        guard sortsKeys || writer.document.hasDuplicateKeys else { return bytes }
        return JSONText.normalized(bytes, sortsKeys: sortsKeys)
    }

    private func rawName<E>(_ event: E) -> String? {
        guard let raw = (event as? any RawRepresentable)?.rawValue as? String, !raw.isEmpty else { return nil }
        return raw
    }
}
