/// Compact JSON as `JSONWriter` writes it, read again to put it in order.
enum JSONText {
    /// The position behind the value that begins at `start`.
    static func endOfValue(in bytes: [UInt8], from start: Int) -> Int {
        var depth = 0
        var isInString = false
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if isInString {
                if byte == UInt8(ascii: "\\") {
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    if depth == 0 { return index + 1 }
                }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    if depth == 0 { return index }
                    depth -= 1
                    if depth == 0 { return index + 1 }
                case UInt8(ascii: ","): if depth == 0 { return index }
                default: break
                }
            }
            index += 1
        }
        return bytes.count
    }

    /// The same JSON with one member for each key, the last, in the order of the keys' bytes if `sortsKeys`.
    static func normalized(_ bytes: [UInt8], sortsKeys: Bool) -> [UInt8] {
        var normalizer = Normalizer(input: bytes, sortsKeys: sortsKeys)
        normalizer.value()
        return normalizer.output
    }

    /// The elements of an array, taken by `group`, in the order of their bytes. Anything else stays as it is.
    static func sortedElements(_ array: [UInt8], group: Int) -> [UInt8] {
        guard array.first == UInt8(ascii: "["), array.count > 2 else { return array }
        var groups: [ArraySlice<UInt8>] = []
        var start = 1
        while start < array.count {
            var end = endOfValue(in: array, from: start)
            for _ in 1..<group { end = endOfValue(in: array, from: min(end + 1, array.count)) }
            groups.append(array[start..<end])
            start = end + 1
        }
        groups.sort { $0.lexicographicallyPrecedes($1) }
        return [UInt8(ascii: "[")] + groups.joined(separator: CollectionOfOne(UInt8(ascii: ","))) + [UInt8(ascii: "]")]
    }

    private struct Normalizer {
        let input: [UInt8]
        let sortsKeys: Bool
        var output: [UInt8] = []
        var position = 0

        init(input: [UInt8], sortsKeys: Bool) {
            self.input = input
            self.sortsKeys = sortsKeys
            output.reserveCapacity(input.count)
        }

        private var next: UInt8? { position < input.count ? input[position] : nil }

        mutating func value() {
            switch next {
            case UInt8(ascii: "{"): object()
            case UInt8(ascii: "["): array()
            default: copy(to: endOfValue(in: input, from: position))
            }
        }

        private mutating func copy(to end: Int) {
            output.append(contentsOf: input[position..<end])
            position = end
        }

        private mutating func array() {
            copy(to: position + 1)
            while let byte = next, byte != UInt8(ascii: "]") {
                if byte == UInt8(ascii: ",") { copy(to: position + 1) }
                value()
            }
            if next != nil { copy(to: position + 1) }
        }

        private mutating func object() {
            copy(to: position + 1)
            let start = output.count
            var members: [Member] = []
            while let byte = next, byte != UInt8(ascii: "}") {
                if byte == UInt8(ascii: ",") { position += 1 }
                let memberStart = output.count
                let key = input[position..<endOfValue(in: input, from: position)]
                copy(to: min(key.endIndex + 1, input.count))
                value()
                members.append(Member(key: Member.plain(key), range: memberStart..<output.count, place: members.count))
            }
            let written = output
            output.removeSubrange(start...)
            for (index, member) in ordered(members).enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                output.append(contentsOf: written[member.range])
            }
            if next != nil { copy(to: position + 1) }
        }

        private func ordered(_ members: [Member]) -> [Member] {
            var unique: [Member] = []
            for member in members.sorted(by: <) {
                if let last = unique.last, last.key == member.key {
                    unique[unique.count - 1].range = member.range
                } else {
                    unique.append(member)
                }
            }
            return sortsKeys ? unique : unique.sorted { $0.place < $1.place }
        }
    }

    private struct Member {
        /// The key without its quotes and escapes.
        var key: [UInt8]
        var range: Range<Int>
        /// Its number in the object.
        var place: Int

        static func < (left: Member, right: Member) -> Bool {
            left.key == right.key ? left.place < right.place : left.key.lexicographicallyPrecedes(right.key)
        }

        static func plain(_ key: ArraySlice<UInt8>) -> [UInt8] {
            let text = Array(key.dropFirst().dropLast())
            guard text.contains(UInt8(ascii: "\\")) else { return text }
            var plain: [UInt8] = []
            var index = 0
            while index < text.count {
                guard text[index] == UInt8(ascii: "\\"), index + 1 < text.count else {
                    plain.append(text[index])
                    index += 1
                    continue
                }
                let escaped = text[index + 1]
                index += 2
                switch escaped {
                case UInt8(ascii: "b"): plain.append(0x08)
                case UInt8(ascii: "t"): plain.append(0x09)
                case UInt8(ascii: "n"): plain.append(0x0A)
                case UInt8(ascii: "f"): plain.append(0x0C)
                case UInt8(ascii: "r"): plain.append(0x0D)
                case UInt8(ascii: "u"):
                    let code = String(decoding: text[index..<min(index + 4, text.count)], as: UTF8.self)
                    plain.append(UInt8(code, radix: 16) ?? 0)
                    index += 4
                default: plain.append(escaped)
                }
            }
            return plain
        }
    }
}
