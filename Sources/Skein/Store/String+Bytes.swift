extension String {
    /// Whether both texts have the same UTF-8 bytes; `==` would also equate texts that are only canonically equivalent.
    package func hasSameBytes(as other: String) -> Bool {
        // Never false for the same bytes, and short texts are compared at once.
        guard self == other else { return false }
        let (left, right) = (utf8Span.span, other.utf8Span.span)
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }
}

extension String {
    /// The place of the first control character among the UTF-8 bytes: C0, DEL or C1.
    package var firstControlCharacter: Int? {
        var text = self
        return text.withUTF8 { bytes in
            // Most texts are printable ASCII. Without a branch in the loop it is done for many bytes at once.
            var hasOthers = false
            for offset in bytes.indices {
                let byte = unsafe bytes[offset]
                hasOthers = hasOthers || byte < 0x20 || byte >= 0x7F
            }
            guard hasOthers else { return nil }
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
