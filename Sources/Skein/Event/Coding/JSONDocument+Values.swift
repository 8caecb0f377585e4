/// The outermost value, or of its only nested object, if that is all it consists of, the name and the JSON.
struct JSONRoot {
    var caseName: String?
    var bytes: [UInt8]
}

/// What surrounds a value's own `encode(to:)`.
extension JSONDocument {
    mutating func beginValue(key: String?, in id: JSONFrameID) throws -> (JSONElement, JSONFrameID) {
        let element = try begin(key: key, in: id)
        return (element, push(step(key, in: id), in: id.index))
    }

    mutating func endValue(_ slot: JSONFrameID, _ element: JSONElement, in id: JSONFrameID) {
        let range = end(slot, element)
        if element.isLate { move(range, into: id.index) }
    }

    /// Takes back a value that has failed half way.
    mutating func abandon(_ slot: JSONFrameID, _ element: JSONElement, in id: JSONFrameID) {
        remove(end(slot, element))
        frames[id.index].count -= 1
    }

    /// Begins a call of `encode(to:)`, and returns the index of the first frame that it makes.
    mutating func enter(_ slot: JSONFrameID) throws -> Int {
        frames[slot.index].calls += 1
        guard frames[slot.index].calls <= Self.callLimit else { throw depthError(slot.index) }
        return frames.count
    }

    mutating func endAndDrop(from mark: Int) {
        endFrames(from: mark)
        dropFrames(from: mark)
    }

    /// Ends the outermost value; nil if it has not encoded anything.
    mutating func endRoot<E>(_ type: E.Type, unwrapsCase: Bool, sortsKeys: Bool) throws -> JSONRoot? {
        defer { dropFrames(from: 0) }
        try checkFailure()
        guard frames[0].kind != .undecided else { return nil }
        endFrames(from: 1)
        if isCanonical { sort(type, .root) }
        endFrames(from: 0)
        if unwrapsCase, let (name, range) = onlyCase {
            return JSONRoot(caseName: name, bytes: finished(range, sortsKeys: sortsKeys))
        }
        return JSONRoot(bytes: finished(frames[0].start..<(frames[0].last + 1), sortsKeys: sortsKeys))
    }

    private var onlyCase: (name: String, range: Range<Int>)? {
        guard frames[0].kind == .object, frames[0].count == 1, frames.count > 1 else { return nil }
        guard frames[1].parent == 0, frames[1].isNested, frames[1].kind == .object else { return nil }
        guard case .key(let name) = frames[1].step, !name.isEmpty else { return nil }
        return (name, frames[1].start..<(frames[1].last + 1))
    }

    private func finished(_ range: Range<Int>, sortsKeys: Bool) -> [UInt8] {
        let finished = Array(bytes[range])
        guard sortsKeys || hasDuplicateKeys else { return finished }
        return JSONText.normalized(finished, sortsKeys: sortsKeys)
    }
}
