struct JSONUnkeyedDecodingContainer: UnkeyedDecodingContainer {
    private let place: JSONPlace
    /// The node of the next element.
    private var next: Int32
    private var number: Int32 = 0

    init(place: JSONPlace) {
        self.place = place
        next = place.index + 1
    }

    var codingPath: [any CodingKey] { place.path }
    var count: Int? { Int(place.node.count) }
    var currentIndex: Int { Int(number) }
    var isAtEnd: Bool { number >= place.node.count }

    // MARK: Elements

    /// The next element, which stays the next one until it has been decoded.
    private func element(_ type: Any.Type) throws -> JSONPlace {
        guard isAtEnd else { return place.at(next) }
        let path = codingPath + [JSONPathKey(intValue: currentIndex)]
        throw DecodingError.valueNotFound(
            type,
            DecodingError.Context(codingPath: path, debugDescription: "The array has no more elements.")
        )
    }

    private mutating func advance() {
        next = place.at(next).node.next
        number += 1
    }

    private mutating func read<S: JSONReadable>(_ type: S.Type) throws -> S {
        let value = try S.read(at: element(type))
        advance()
        return value
    }

    // MARK: Values

    mutating func decodeNil() throws -> Bool {
        guard try element(Any?.self).kind == .null else { return false }
        advance()
        return true
    }

    mutating func decode<S: JSONReadable & Decodable>(_ type: S.Type) throws -> S {
        try read(type)
    }

    // The protocol brings a witness of its own for these two, which fails.
    mutating func decode(_ type: Int128.Type) throws -> Int128 {
        try read(type)
    }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 {
        try read(type)
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let value = try element(type).value(type)
        advance()
        return value
    }

    // MARK: Containers

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try JSONValueDecoder(place: element([String: Any].self)).container(keyedBy: type)
        advance()
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try JSONValueDecoder(place: element([Any].self)).unkeyedContainer()
        advance()
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = JSONValueDecoder(place: try element((any Decoder).self))
        advance()
        return decoder
    }
}
