/// How the runner's own notes become bytes: JSON, whatever coder the bus has for events.
enum NoteContent {
    /// What is kept consists of numbers and texts without U+0000, which cannot fail to be encoded.
    static func encode(_ value: some Encodable) -> [UInt8] {
        (try? JSONPayloadEncoder().encode(value)) ?? []
    }

    /// Nil for what this code has not written.
    static func decode<Value: Decodable>(_ type: Value.Type, from content: [UInt8]) -> Value? {
        try? JSONPayloadDecoder().decode(type, from: content)
    }
}
