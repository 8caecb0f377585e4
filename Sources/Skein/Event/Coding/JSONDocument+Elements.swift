/// A value that is about to be written into an array or object.
struct JSONElement {
    /// Where its comma, its key or itself begins.
    let start: Int
    /// Bytes before the value.
    let prefix: Int
    /// Its array or object has been closed, so that it has to move there.
    let isLate: Bool
    /// Its key has been used before.
    var isRepeated = false
}

extension JSONDocument {
    func count(of id: JSONFrameID) -> Int {
        isAlive(id) ? frames[id.index].count : 0
    }

    /// Writes the comma, and for a member of an object the key, of the next value in an array or object.
    mutating func begin(key: String?, in id: JSONFrameID) throws -> JSONElement {
        try checkFailure()
        guard isAlive(id) else { throw staleError() }
        let isLate = settle(id.index)
        let start = bytes.count
        if frames[id.index].count > 0 { bytes.append(UInt8(ascii: ",")) }
        var isRepeated = false
        if let key {
            let keyStart = bytes.count
            guard key.append(to: &bytes) else {
                bytes.removeLast(bytes.count - start)
                throw keyError(key, at: path(to: id.index, .key(key)))
            }
            isRepeated = noteKey(at: keyStart, in: id.index)
            bytes.append(UInt8(ascii: ":"))
        }
        frames[id.index].count += 1
        return JSONElement(start: start, prefix: bytes.count - start, isLate: isLate, isRepeated: isRepeated)
    }

    /// How the value that has been begun is reached.
    func step(_ key: String?, in id: JSONFrameID) -> JSONFrame.Step {
        key.map(JSONFrame.Step.key) ?? .index(frames[id.index].count - 1)
    }

    // MARK: Values of one token

    mutating func addScalar<S: JSONScalar>(_ scalar: S, key: String? = nil, in id: JSONFrameID) throws {
        let element = try begin(key: key, in: id)
        guard scalar.append(to: &bytes) else { throw refuse(scalar, element, key: key, in: id) }
        if element.isLate { move(element.start..<bytes.count, into: id.index) }
    }

    /// Takes back an element that cannot be written.
    mutating func refuse(_ value: Any, _ element: JSONElement, key: String?, in id: JSONFrameID) -> EncodingError {
        let path = path(to: id.index, step(key, in: id))
        bytes.removeLast(bytes.count - element.start)
        frames[id.index].count -= 1
        return scalarError(value, at: path)
    }

    /// Writes the one value of an encoder.
    mutating func setScalar<S: JSONScalar>(_ scalar: S, in id: JSONFrameID) throws {
        let isLate = try beginSingle(id)
        let start = bytes.count
        guard scalar.append(to: &bytes) else { throw refuse(scalar, from: start, in: id) }
        endSingle(id, from: start, isLate: isLate)
    }

    mutating func beginSingle(_ id: JSONFrameID) throws -> Bool {
        try checkFailure()
        guard isAlive(id) else { throw staleError() }
        guard frames[id.index].kind == .undecided else { throw repeatedError(id.index) }
        return settle(id.index)
    }

    mutating func endSingle(_ id: JSONFrameID, from start: Int, isLate: Bool) {
        frames[id.index].kind = .scalar
        if isLate { replace(id.index, from: start) }
    }

    mutating func refuse(_ value: Any, from start: Int, in id: JSONFrameID) -> EncodingError {
        bytes.removeLast(bytes.count - start)
        return scalarError(value, at: path(to: id.index))
    }

    // MARK: Values that write themselves

    /// Ends the frame of an element and returns where the element is.
    mutating func end(_ slot: JSONFrameID, _ element: JSONElement) -> Range<Int> {
        endFrames(from: slot.index)
        let range = (frames[slot.index].start - element.prefix)..<(frames[slot.index].last + 1)
        dropFrames(from: slot.index)
        return range
    }

    /// Makes a frame undecided again.
    mutating func empty(_ id: JSONFrameID, depth: Int) {
        frames[id.index].kind = .undecided
        frames[id.index].count = 0
        frames[id.index].depth = depth
        frames[id.index].keyBits = 0
        keyHashes[id.serial] = nil
        if frames[id.index].isClosed {
            let end = bytes.count
            bytes.append(contentsOf: "{}".utf8)
            replace(id.index, from: end)
        } else {
            bytes.removeLast(bytes.count - frames[id.index].start)
        }
    }

    // MARK: Containers inside containers

    /// Opens an array or object inside another one, or goes on with the one that has the key already.
    mutating func nest(_ kind: JSONFrame.Kind, key: String? = nil, in id: JSONFrameID) -> JSONFrameID {
        do {
            let element = try begin(key: key, in: id)
            if element.isRepeated, let key, let earlier = nested(kind, key, in: id) {
                bytes.removeLast(bytes.count - element.start)
                frames[id.index].count -= 1
                return earlier
            }
            let nested = push(step(key, in: id), in: id.index, isNested: true)
            become(kind, nested)
            if element.isLate { moveFrame(nested.index, element, into: id.index) }
            return nested
        } catch {
            fail(encodingError(error, id, at: []))
            return .none
        }
    }

    /// Opens a place inside an array or object that an encoder of its own fills, now or later.
    mutating func reserve(key: String? = nil, in id: JSONFrameID) -> JSONFrameID {
        do {
            let element = try begin(key: key, in: id)
            let slot = push(step(key, in: id), in: id.index)
            if element.isLate { moveFrame(slot.index, element, into: id.index) }
            return slot
        } catch {
            fail(encodingError(error, id, at: []))
            return .none
        }
    }

    private func nested(_ kind: JSONFrame.Kind, _ key: String, in id: JSONFrameID) -> JSONFrameID? {
        let index = frames.lastIndex { frame in
            guard frame.parent == id.index, frame.isNested, frame.kind == kind else { return false }
            guard case .key(let other) = frame.step else { return false }
            return other.utf8.elementsEqual(key.utf8)
        }
        return index.map { JSONFrameID(index: $0, serial: frames[$0].serial) }
    }

    /// Moves a frame that holds nothing yet to the end of the closed one around it.
    private mutating func moveFrame(_ index: Int, _ element: JSONElement, into parent: Int) {
        endFrames(from: index)
        let place = frames[parent].last
        move(element.start..<bytes.count, into: parent)
        frames[index].start = place + element.prefix
        frames[index].last = frames[index].start + 1
    }
}
