extension String {
    /// Whether both texts have the same UTF-8 bytes; `==` would also equate texts that are only canonically equivalent.
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let answer = unsafe utf8.withContiguousStorageIfAvailable { left in
            unsafe other.utf8.withContiguousStorageIfAvailable { right in unsafe left.elementsEqual(right) }
        }
        return (answer ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}

extension String {
    /// The place of the first control character among the UTF-8 bytes: C0, DEL or C1.
    package var firstControlCharacter: Int? {
        var text = self
        return text.withUTF8 { bytes in
            var previous: UInt8 = 0
            for offset in bytes.indices {
                let byte = unsafe bytes[offset]
                // C0 and DEL are one byte; C1 are C2 80 to C2 9F.
                if byte < 0x20 || byte == 0x7F || (previous == 0xC2 && byte < 0xA0) { return offset }
                previous = byte
            }
            return nil
        }
    }
}

extension Hasher {
    /// Feeds a text's UTF-8 bytes and an end mark; texts that are only canonically equivalent stay different.
    package mutating func combineBytes(of text: String) {
        var text = text
        text.withUTF8 { unsafe combine(bytes: UnsafeRawBufferPointer($0)) }
        combine(0xFF as UInt8)
    }
}
