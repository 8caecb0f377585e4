/// The decoder that a value's `init(from:)` gets.
struct JSONValueDecoder: Decoder {
    let place: JSONPlace

    var codingPath: [any CodingKey] { place.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        try place.expect(.object, for: [String: Any].self)
        return KeyedDecodingContainer(JSONKeyedDecodingContainer<Key>(place: place))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try place.expect(.array, for: [Any].self)
        return JSONUnkeyedDecodingContainer(place: place)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        JSONSingleValueDecodingContainer(place: place)
    }
}
