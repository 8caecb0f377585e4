/// A collection whose elements have no order of their own, so that equal ones encode to different arrays.
protocol JSONUnordered {
    /// How many values in a row belong together.
    static var valuesPerElement: Int { get }
}

extension Set: JSONUnordered {
    static var valuesPerElement: Int { 1 }
}

extension Dictionary: JSONUnordered {
    static var valuesPerElement: Int { 2 }
}

extension JSONDocument {
    /// Puts what an unordered collection has written, and not ended yet, into the order of the bytes.
    mutating func sort<T>(_ type: T.Type, _ id: JSONFrameID) {
        guard let valuesPerElement = (type as? any JSONUnordered.Type)?.valuesPerElement else { return }
        guard frames[id.index].kind == .array, !settle(id.index) else { return }
        let start = frames[id.index].start
        let array = bytes[start...] + [UInt8(ascii: "]")]
        let normalized = JSONText.normalized(Array(array), sortsKeys: true)
        let sorted = JSONText.sortedElements(normalized, group: valuesPerElement)
        bytes.replaceSubrange(start..., with: sorted.dropLast())
    }
}
