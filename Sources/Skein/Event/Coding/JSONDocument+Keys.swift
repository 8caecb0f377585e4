extension JSONDocument {
    private static let searchLimit = 24

    /// Remembers the key that has just been written behind an object, and returns whether the object has it already.
    mutating func noteKey(at start: Int, in index: Int) -> Bool {
        let hash = Self.hash(bytes, start..<bytes.count)
        let bit: UInt64 = 1 << (hash >> 58)
        let count = frames[index].count
        if count > Self.searchLimit {
            let isRepeated = keyHashes[frames[index].serial]?.insert(hash).inserted == false
            hasDuplicateKeys = hasDuplicateKeys || isRepeated
            return isRepeated
        }
        var isRepeated = false
        if frames[index].keyBits & bit != 0 {
            isRepeated = members(of: index, before: start).contains { bytes[$0].elementsEqual(bytes[start...]) }
            hasDuplicateKeys = hasDuplicateKeys || isRepeated
        }
        frames[index].keyBits |= bit
        if count == Self.searchLimit {
            let hashes = members(of: index, before: start).map { Self.hash(bytes, $0) }
            keyHashes[frames[index].serial] = Set(hashes + [hash])
        }
        return isRepeated
    }

    /// Where an object's keys are, quotes included.
    private func members(of index: Int, before end: Int) -> [Range<Int>] {
        let frame = frames[index]
        let end = frame.isClosed ? frame.last : end
        var keys: [Range<Int>] = []
        var position = frame.start + 1
        while position < end {
            if bytes[position] == UInt8(ascii: ",") { position += 1 }
            guard position < end, bytes[position] == UInt8(ascii: "\"") else { break }
            let keyEnd = JSONText.endOfValue(in: bytes, from: position)
            keys.append(position..<keyEnd)
            position = JSONText.endOfValue(in: bytes, from: keyEnd + 1)
        }
        return keys
    }

    private static func hash(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3 }
        return hash
    }
}
