struct JSONSingleValueDecodingContainer: SingleValueDecodingContainer {
    let place: JSONPlace

    var codingPath: [any CodingKey] { place.path }

    func decodeNil() -> Bool {
        place.kind == .null
    }

    func decode<S: JSONReadable & Decodable>(_ type: S.Type) throws -> S {
        try S.read(at: place)
    }

    // The protocol brings a witness of its own for these two, which fails.
    func decode(_ type: Int128.Type) throws -> Int128 {
        try Int128.read(at: place)
    }

    func decode(_ type: UInt128.Type) throws -> UInt128 {
        try UInt128.read(at: place)
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try place.value(type)
    }
}
