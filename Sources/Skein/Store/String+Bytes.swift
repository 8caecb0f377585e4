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

extension Hasher {
    /// Feeds a text's UTF-8 bytes and an end mark; texts that are only canonically equivalent stay different.
    package mutating func combineBytes(of text: String) {
        var text = text
        text.withUTF8 { unsafe combine(bytes: UnsafeRawBufferPointer($0)) }
        combine(0xFF as UInt8)
    }
}
