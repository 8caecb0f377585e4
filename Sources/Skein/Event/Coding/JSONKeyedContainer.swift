struct JSONKeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let writer: JSONWriter
    let frame: JSONFrameID

    var codingPath: [any CodingKey] { writer.document.path(to: frame) }

    func encodeNil(forKey key: Key) throws {
        try writer.document.addScalar(JSONNull(), key: key.stringValue, in: frame)
    }

    func encode<S: JSONScalar & Encodable>(_ value: S, forKey key: Key) throws {
        try writer.document.addScalar(value, key: key.stringValue, in: frame)
    }

    // The protocol brings a witness of its own for these two, which fails.
    func encode(_ value: Int128, forKey key: Key) throws {
        try writer.document.addScalar(value, key: key.stringValue, in: frame)
    }

    func encode(_ value: UInt128, forKey key: Key) throws {
        try writer.document.addScalar(value, key: key.stringValue, in: frame)
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        try writer.add(value, key: key.stringValue, in: frame)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        let nested = writer.document.nest(.object, key: key.stringValue, in: frame)
        return KeyedEncodingContainer(JSONKeyedContainer<NestedKey>(writer: writer, frame: nested))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        JSONUnkeyedContainer(writer: writer, frame: writer.document.nest(.array, key: key.stringValue, in: frame))
    }

    func superEncoder() -> any Encoder {
        JSONValueEncoder(writer: writer, frame: writer.document.reserve(key: "super", in: frame))
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        JSONValueEncoder(writer: writer, frame: writer.document.reserve(key: key.stringValue, in: frame))
    }
}
