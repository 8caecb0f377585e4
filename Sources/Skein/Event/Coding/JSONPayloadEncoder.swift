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
        let root = try JSONWriter().writeRoot(event, unwrapsCase: isEnum, sortsKeys: sortsKeys)
        if let name = root.caseName { return EncodedPayload(name: name, bytes: root.bytes) }
        let isRawEnum = isEnum && root.bytes.first == UInt8(ascii: "\"")
        return EncodedPayload(name: isRawEnum ? rawName(event) : nil, bytes: root.bytes)
    }

    /// `encodeEvent(_:isEnum:)` for a type that has not been asked for before.
    package func encodeEvent<E: Encodable>(_ event: E) throws(EncodingError) -> EncodedPayload {
        try encodeEvent(event, isEnum: Self.isEnum(event))
    }

    /// The whole value's JSON.
    package func encode<E: Encodable>(_ value: E) throws(EncodingError) -> [UInt8] {
        try JSONWriter().writeRoot(value, sortsKeys: sortsKeys).bytes
    }

    /// The JSON that equal values have in common: with sorted keys, sets and dictionaries in the order of their bytes.
    package static func canonical<E: Encodable>(_ value: E) throws(EncodingError) -> [UInt8] {
        try JSONWriter(isCanonical: true).writeRoot(value, sortsKeys: true).bytes
    }

    private func rawName<E>(_ event: E) -> String? {
        guard let raw = (event as? any RawRepresentable)?.rawValue as? String, !raw.isEmpty else { return nil }
        return raw
    }
}
