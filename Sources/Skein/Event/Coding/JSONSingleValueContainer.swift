struct JSONSingleValueContainer: SingleValueEncodingContainer {
    let writer: JSONWriter
    let frame: JSONFrameID

    var codingPath: [any CodingKey] { writer.document.path(to: frame) }

    func encodeNil() throws {
        try writer.document.setScalar(JSONNull(), in: frame)
    }

    func encode<S: JSONScalar & Encodable>(_ value: S) throws {
        try writer.document.setScalar(value, in: frame)
    }

    // The protocol brings a witness of its own for these two, which fails.
    func encode(_ value: Int128) throws {
        try writer.document.setScalar(value, in: frame)
    }

    func encode(_ value: UInt128) throws {
        try writer.document.setScalar(value, in: frame)
    }

    func encode<T: Encodable>(_ value: T) throws {
        try writer.set(value, in: frame)
    }
}
