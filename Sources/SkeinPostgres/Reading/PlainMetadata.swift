import Skein

/// Reads metadata as it mostly is, ASCII without escapes, straight from a result's bytes.
enum PlainMetadata {
    /// Nil for everything else, which ``MetadataText/decode(_:)`` then understands or refuses.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> [String: String]? {
        // Room for the usual few: growing from nothing takes longer than all the rest.
        var entries = Dictionary<String, String>(minimumCapacity: 3)
        var index = 0
        guard take("{", bytes, &index) else { return nil }
        repeat {
            guard
                let name = string(bytes, &index), take(":", bytes, &index), let value = string(bytes, &index)
            else { return nil }
            entries[name] = value
        } while take(",", bytes, &index)
        return take("}", bytes, &index) && index == bytes.count ? entries : nil
    }

    private static func take(
        _ character: Unicode.Scalar,
        _ bytes: UnsafeRawBufferPointer,
        _ index: inout Int
    ) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private static func string(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) -> String? {
        guard take("\"", bytes, &index) else { return nil }
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            guard byte < 0x80, byte != UInt8(ascii: "\\") else { return nil }
            index += 1
            if byte == UInt8(ascii: "\"") {
                return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<index - 1]), as: UTF8.self)
            }
        }
        return nil
    }
}
