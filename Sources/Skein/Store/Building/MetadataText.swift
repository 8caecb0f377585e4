/// The entries of an event's metadata as a JSON object of texts.
package enum MetadataText {
    /// Nil without entries. Names come in the order of their bytes, so that equal entries are equal texts.
    package static func encode(_ entries: [String: String]) -> String? {
        guard !entries.isEmpty else { return nil }
        var bytes: [UInt8] = []
        let sorted = entries.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (name, value) in sorted {
            bytes.append(UInt8(ascii: bytes.isEmpty ? "{" : ","))
            write(name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            write(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case ..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Nil for a text that ``encode(_:)`` does not write.
    package static func decode(_ text: String) -> [String: String]? {
        var reader = Reader(bytes: Array(text.utf8))
        return reader.object()
    }

    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        mutating func object() -> [String: String]? {
            var entries: [String: String] = [:]
            guard take("{") else { return nil }
            repeat {
                guard let name = string(), take(":"), let value = string() else { return nil }
                entries[name] = value
            } while take(",")
            return take("}") && index == bytes.count ? entries : nil
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        private mutating func string() -> String? {
            guard take("\"") else { return nil }
            var text: [UInt8] = []
            while index < bytes.count {
                let byte = bytes[index]
                index += 1
                if byte == UInt8(ascii: "\"") { return String(validating: text, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    text.append(byte)
                    continue
                }
                guard let escaped = escape() else { return nil }
                text.append(escaped)
            }
            return nil
        }

        private mutating func escape() -> UInt8? {
            guard index < bytes.count else { return nil }
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "u") else { return byte }
            guard index + 4 <= bytes.count else { return nil }
            defer { index += 4 }
            let digits = String(decoding: bytes[index..<index + 4], as: UTF8.self)
            return UInt16(digits, radix: 16).flatMap { $0 < 0x80 ? UInt8($0) : nil }
        }
    }
}
