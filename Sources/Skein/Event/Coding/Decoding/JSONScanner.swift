/// Finds the values in UTF-8 JSON, and refuses what RFC 8259 does not allow, also where nobody is going to look.
struct JSONScanner {
    static let depthLimit = JSONDocument.depthLimit

    private(set) var nodes: [JSONNode] = []
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The nodes of a document.
    ///
    /// - Parameter isCase: Put an object around it whose only key is at no place in the bytes.
    static func scan(_ bytes: [UInt8], isCase: Bool) throws(JSONSyntaxError) -> [JSONNode] {
        var scanner = JSONScanner(bytes)
        guard bytes.count <= Int32.max / 2 else { throw scanner.error("they are too many") }
        scanner.nodes.reserveCapacity(min(bytes.count / 4 + 4, 64))
        if isCase {
            scanner.nodes.append(JSONNode(kind: .object, start: 0, count: 1, next: 0))
            scanner.nodes.append(JSONNode(kind: .key, start: -1, count: 0, next: 2))
        }
        scanner.skipSpace()
        try scanner.value(depth: isCase ? 1 : 0)
        scanner.skipSpace()
        guard scanner.position == bytes.count else { throw scanner.error("something follows the value") }
        if isCase { scanner.nodes[0].next = Int32(truncatingIfNeeded: scanner.nodes.count) }
        return scanner.nodes
    }

    // MARK: Bytes

    /// The present byte; 0, which is allowed nowhere, at the end.
    var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

    func error(_ reason: String) -> JSONSyntaxError {
        JSONSyntaxError(reason: position < bytes.count ? reason : "they end too early", offset: position)
    }

    private mutating func skipSpace() {
        while true {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            default: return
            }
        }
    }

    private mutating func take(_ expected: UInt8) -> Bool {
        guard byte == expected else { return false }
        position += 1
        return true
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(JSONSyntaxError) {
        switch byte {
        case UInt8(ascii: "\""): try text(.string)
        case UInt8(ascii: "{"): try object(depth)
        case UInt8(ascii: "["): try array(depth)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        case UInt8(ascii: "t"): try word("true", .truth)
        case UInt8(ascii: "f"): try word("false", .falsehood)
        case UInt8(ascii: "n"): try word("null", .null)
        default: throw error("a value is expected")
        }
    }

    private mutating func object(_ depth: Int) throws(JSONSyntaxError) {
        let index = try open(.object, depth)
        skipSpace()
        if take(UInt8(ascii: "}")) { return close(index, count: 0) }
        var count = 0
        repeat {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else { throw error("a key is expected") }
            try text(.key)
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw error("a colon is expected") }
            skipSpace()
            try value(depth: depth + 1)
            count += 1
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error("a comma or the end of an object is expected") }
        close(index, count: count)
    }

    private mutating func array(_ depth: Int) throws(JSONSyntaxError) {
        let index = try open(.array, depth)
        skipSpace()
        if take(UInt8(ascii: "]")) { return close(index, count: 0) }
        var count = 0
        repeat {
            skipSpace()
            try value(depth: depth + 1)
            count += 1
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error("a comma or the end of an array is expected") }
        close(index, count: count)
    }

    private mutating func open(_ kind: JSONNode.Kind, _ depth: Int) throws(JSONSyntaxError) -> Int {
        guard depth < Self.depthLimit else {
            throw error("the value is nested deeper than \(Self.depthLimit) arrays and objects")
        }
        position += 1
        nodes.append(JSONNode(kind: kind, start: 0, count: 0, next: 0))
        return nodes.count - 1
    }

    private mutating func close(_ index: Int, count: Int) {
        nodes[index].count = Int32(truncatingIfNeeded: count)
        nodes[index].next = Int32(truncatingIfNeeded: nodes.count)
    }

    private mutating func word(_ word: String, _ kind: JSONNode.Kind) throws(JSONSyntaxError) {
        let start = position
        for expected in word.utf8 {
            guard take(expected) else { throw error("a value is expected") }
        }
        add(kind, from: start, isPlain: true)
    }

    /// Adds the token that ends at the present byte.
    mutating func add(_ kind: JSONNode.Kind, from start: Int, isPlain: Bool) {
        nodes.append(
            JSONNode(
                kind: kind,
                isPlain: isPlain,
                start: Int32(truncatingIfNeeded: start),
                count: Int32(truncatingIfNeeded: position - start),
                next: Int32(truncatingIfNeeded: nodes.count + 1)
            )
        )
    }
}
