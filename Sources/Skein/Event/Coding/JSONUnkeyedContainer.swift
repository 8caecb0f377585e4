struct JSONUnkeyedContainer: UnkeyedEncodingContainer {
    let writer: JSONWriter
    let frame: JSONFrameID

    var codingPath: [any CodingKey] { writer.document.path(to: frame) }
    var count: Int { writer.document.count(of: frame) }

    func encodeNil() throws {
        try writer.document.addScalar(JSONNull(), in: frame)
    }

    func encode<S: JSONScalar & Encodable>(_ value: S) throws {
        try writer.document.addScalar(value, in: frame)
    }

    // The protocol brings a witness of its own for these two, which fails.
    func encode(_ value: Int128) throws {
        try writer.document.addScalar(value, in: frame)
    }

    func encode(_ value: UInt128) throws {
        try writer.document.addScalar(value, in: frame)
    }

    func encode<T: Encodable>(_ value: T) throws {
        try writer.add(value, in: frame)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> {
        let nested = writer.document.nest(.object, in: frame)
        return KeyedEncodingContainer(JSONKeyedContainer<NestedKey>(writer: writer, frame: nested))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        JSONUnkeyedContainer(writer: writer, frame: writer.document.nest(.array, in: frame))
    }

    func superEncoder() -> any Encoder {
        JSONValueEncoder(writer: writer, frame: writer.document.reserve(in: frame))
    }
}
