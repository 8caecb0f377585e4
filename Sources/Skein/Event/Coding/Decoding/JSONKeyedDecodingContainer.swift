struct JSONKeyedDecodingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let place: JSONPlace

    var codingPath: [any CodingKey] { place.path }

    var allKeys: [Key] {
        let reader = place.reader
        // An enum's decoding begins here, and each append to an array of an unspecialised type looks its metadata up.
        if let text = reader.onlyKeyText(of: place.index) {
            guard let key = Key(stringValue: text) else { return [] }
            return [key]
        }
        return reader.keyTexts(of: place.index).compactMap { Key(stringValue: $0) }
    }

    func contains(_ key: Key) -> Bool {
        member(key) != nil
    }

    // MARK: Members

    private func member(_ key: Key) -> JSONPlace? {
        place.reader.member(key.stringValue, of: place.index).map(place.at)
    }

    private func required(_ key: Key) throws -> JSONPlace {
        guard let member = member(key) else {
            let reason = "The key \(key.stringValue) is missing."
            let context = DecodingError.Context(codingPath: codingPath, debugDescription: reason)
            throw DecodingError.keyNotFound(key, context)
        }
        return member
    }

    /// The member if there is one and it is not null.
    private func present(_ key: Key) -> JSONPlace? {
        guard let member = member(key), member.kind != .null else { return nil }
        return member
    }

    // MARK: Values

    func decodeNil(forKey key: Key) throws -> Bool {
        try required(key).kind == .null
    }

    func decode<S: JSONReadable & Decodable>(_ type: S.Type, forKey key: Key) throws -> S {
        try S.read(at: required(key))
    }

    func decodeIfPresent<S: JSONReadable & Decodable>(_ type: S.Type, forKey key: Key) throws -> S? {
        try present(key).map { try S.read(at: $0) }
    }

    // The protocol brings witnesses of its own for these, which fail.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try Int128.read(at: required(key))
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try UInt128.read(at: required(key))
    }

    func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? {
        try present(key).map { try Int128.read(at: $0) }
    }

    func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? {
        try present(key).map { try UInt128.read(at: $0) }
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try required(key).value(type)
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try present(key)?.value(type)
    }

    // MARK: Containers

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try JSONValueDecoder(place: required(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try JSONValueDecoder(place: required(key)).unkeyedContainer()
    }

    func superDecoder() -> any Decoder {
        superDecoder("super")
    }

    func superDecoder(forKey key: Key) -> any Decoder {
        superDecoder(key.stringValue)
    }

    /// The decoder of a member; of a missing one it finds null, as Foundation's does.
    private func superDecoder(_ key: String) -> any Decoder {
        let reader = place.reader
        let index = reader.member(key, of: place.index) ?? reader.addMissing(key, in: place.index)
        return JSONValueDecoder(place: place.at(index))
    }
}
