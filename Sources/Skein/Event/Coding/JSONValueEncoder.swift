/// The encoder that a value's `encode(to:)` gets: a place in the buffer.
struct JSONValueEncoder: Encoder {
    let writer: JSONWriter
    let frame: JSONFrameID

    var codingPath: [any CodingKey] { writer.document.path(to: frame) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        writer.document.become(.object, frame)
        return KeyedEncodingContainer(JSONKeyedContainer<Key>(writer: writer, frame: frame))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        writer.document.become(.array, frame)
        return JSONUnkeyedContainer(writer: writer, frame: frame)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONSingleValueContainer(writer: writer, frame: frame)
    }
}
