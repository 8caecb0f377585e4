/// A scanned document that values decode themselves from.
final class JSONReader {
    /// Objects with more members are not searched through, but have their keys looked up.
    private static let searchLimit = 16

    let bytes: [UInt8]
    /// The key of the object that has been put around the bytes.
    private let caseName: String?
    private let nodes: [JSONNode]
    /// The members of large objects, by the object's node.
    private var members: [Int32: JSONMembers] = [:]
    /// Values that are null because they are missing. Their nodes are behind all others.
    private var missing: [(object: Int32, key: String)] = []

    init(_ bytes: [UInt8], caseName: String?) throws(JSONSyntaxError) {
        nodes = try JSONScanner.scan(bytes, isCase: caseName != nil)
        self.bytes = bytes
        self.caseName = caseName
    }

    func node(_ index: Int32) -> JSONNode {
        let index = Int(index)
        return index < nodes.count ? nodes[index] : JSONNode(kind: .null, start: 0, count: 0, next: 0)
    }

    /// A null for a member that an object does not have.
    func addMissing(_ key: String, in object: Int32) -> Int32 {
        missing.append((object, key))
        return Int32(truncatingIfNeeded: nodes.count + missing.count - 1)
    }

    // MARK: Members

    /// The value of the first member with a key; nil if there is none.
    func member(_ key: String, of object: Int32) -> Int32? {
        let count = nodes[Int(object)].count
        guard count <= Self.searchLimit else { return members(of: object).values[key] }
        let span = key.utf8Span
        var index = object + 1
        for _ in 0..<count {
            if isKey(index, key, span.span) { return index + 1 }
            index = nodes[Int(index) + 1].next
        }
        guard !span.isKnownASCII, !key.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        // Two spellings of one text are one key in Swift.
        return keys(of: object).first { text(of: $0) == key }.map { $0 + 1 }
    }

    private func isKey(_ index: Int32, _ key: String, _ utf8: Span<UInt8>) -> Bool {
        let node = nodes[Int(index)]
        guard node.isPlain, node.start >= 0 else { return text(of: index) == key }
        guard Int(node.count) == utf8.count else { return false }
        let start = Int(node.start)
        for offset in utf8.indices where bytes[start + offset] != utf8[offset] { return false }
        return true
    }

    private func members(of object: Int32) -> JSONMembers {
        if let known = members[object] { return known }
        var found = JSONMembers()
        for key in keys(of: object) { found.add(text(of: key), at: key + 1) }
        members[object] = found
        return found
    }

    /// The nodes of an object's keys.
    private func keys(of object: Int32) -> [Int32] {
        var keys: [Int32] = []
        var index = object + 1
        for _ in 0..<nodes[Int(object)].count {
            keys.append(index)
            index = nodes[Int(index) + 1].next
        }
        return keys
    }

    /// The key of an object with one member; nil for all others.
    func onlyKeyText(of object: Int32) -> String? {
        nodes[Int(object)].count == 1 ? text(of: object + 1) : nil
    }

    /// An object's keys, each once.
    func keyTexts(of object: Int32) -> [String] {
        let count = nodes[Int(object)].count
        guard count <= Self.searchLimit else { return members(of: object).keys }
        return keys(of: object).compactMap { key in
            let text = text(of: key)
            return member(text, of: object) == key + 1 ? text : nil
        }
    }

    // MARK: Texts

    /// A string's or a key's text.
    func text(of index: Int32) -> String {
        let node = nodes[Int(index)]
        guard node.start >= 0 else { return caseName ?? "" }
        let text = bytes[Int(node.start)..<Int(node.start + node.count)]
        return node.isPlain ? String(decoding: text, as: UTF8.self) : JSONEscapes.text(text)
    }

    // MARK: Paths

    /// How a value is reached. It is looked for each time, as only errors ask.
    func path(to target: Int32) -> [any CodingKey] {
        guard Int(target) < nodes.count else {
            let (object, key) = missing[Int(target) - nodes.count]
            return path(to: object) + [JSONPathKey(stringValue: key)]
        }
        var path: [any CodingKey] = []
        var index: Int32 = 0
        while index < target {
            let isObject = nodes[Int(index)].kind == .object
            var child = isObject ? index + 2 : index + 1
            var number = 0
            while nodes[Int(child)].next <= target {
                child = nodes[Int(child)].next + (isObject ? 1 : 0)
                number += 1
            }
            path.append(isObject ? JSONPathKey(stringValue: text(of: child - 1)) : JSONPathKey(intValue: number))
            index = child
        }
        return path
    }
}
