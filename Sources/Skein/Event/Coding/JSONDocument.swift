/// JSON that is being written into one buffer, whatever order the containers are used in.
///
/// Containers have no end of their own: an array or object stays open until something around it is written or the
/// `encode(to:)` call that opened it returns. What comes for a closed one is written at the end of the buffer and then moved
/// to its place, so that the usual order costs nothing. Frames live as long as the call that made them; a container that is
/// kept for longer gets an error.
struct JSONDocument {
    static let depthLimit = 512
    static let callLimit = 1024

    /// Sets and dictionaries that encode as arrays are written in the order of their bytes.
    let isCanonical: Bool
    var bytes: [UInt8] = []
    var frames: [JSONFrame] = []
    /// An object holds a key twice; the last one counts.
    var hasDuplicateKeys = false
    /// What went wrong where nothing could be thrown: an `EncodingError`, whose own size is known only at run time.
    private(set) var failure: (any Error)?
    /// The hashes of an object's keys, by its serial, once there are too many to search through.
    var keyHashes: [Int: Set<UInt64>] = [:]
    /// The innermost open frame. The open ones are this one and those below it.
    private var top = -1
    private var serial = 0

    init(isCanonical: Bool = false) {
        self.isCanonical = isCanonical
        bytes.reserveCapacity(224)
        frames.reserveCapacity(4)
        _ = push(.none, in: -1)
    }

    // MARK: Frames

    mutating func push(_ step: JSONFrame.Step, in parent: Int, isNested: Bool = false) -> JSONFrameID {
        serial += 1
        let hasParent = parent >= 0
        frames.append(
            JSONFrame(
                serial: serial,
                parent: parent,
                below: top,
                step: step,
                isNested: isNested,
                depth: hasParent ? frames[parent].depth : 0,
                calls: hasParent ? frames[parent].calls : 1,
                start: bytes.count
            )
        )
        top = frames.count - 1
        return JSONFrameID(index: top, serial: serial)
    }

    func isAlive(_ id: JSONFrameID) -> Bool {
        id.index < frames.count && frames[id.index].serial == id.serial
    }

    /// Closes what is open inside the frame, and returns whether the frame itself has been closed before.
    mutating func settle(_ index: Int) -> Bool {
        if top == index { return false }
        var open = index
        while frames[open].isClosed { open = frames[open].parent }
        while top != open { close(top) }
        return open != index
    }

    /// Ends every frame from `mark` on: the call that made them has returned.
    mutating func endFrames(from mark: Int) {
        while top >= mark { close(top) }
    }

    mutating func dropFrames(from mark: Int) {
        let count = frames.count - mark
        guard count > 0 else { return }
        if !keyHashes.isEmpty {
            for frame in frames[mark...] { keyHashes[frame.serial] = nil }
        }
        for _ in 0..<count { frames.removeLast() }
    }

    private mutating func close(_ index: Int) {
        switch frames[index].kind {
        case .object: bytes.append(UInt8(ascii: "}"))
        case .array: bytes.append(UInt8(ascii: "]"))
        case .scalar: break
        case .undecided: bytes.append(contentsOf: "{}".utf8)
        }
        frames[index].last = bytes.count - 1
        frames[index].isClosed = true
        top = frames[index].below
    }

    /// Makes the frame an object or an array; it may be that already.
    mutating func become(_ kind: JSONFrame.Kind, _ id: JSONFrameID) {
        guard isAlive(id) else { return fail(staleError()) }
        let index = id.index
        guard frames[index].kind != kind else { return }
        guard frames[index].kind == .undecided else { return fail(repeatedError(index)) }
        guard frames[index].depth < Self.depthLimit else { return fail(depthError(index)) }
        frames[index].kind = kind
        frames[index].depth += 1
        let isObject = kind == .object
        if settle(index) {
            bytes[frames[index].start] = isObject ? UInt8(ascii: "{") : UInt8(ascii: "[")
            bytes[frames[index].last] = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        } else {
            bytes.append(isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
        }
    }

    // MARK: Errors that cannot be thrown where they happen

    /// Keeps an error for the next call that can throw. The first one counts.
    mutating func fail(_ error: EncodingError) {
        guard failure == nil else { return }
        failure = error
    }

    mutating func forgetFailure() {
        failure = nil
    }

    func checkFailure() throws {
        if let failure { throw failure }
    }

    // MARK: Late writes

    /// Moves bytes from the end of the buffer to the end of a closed array or object.
    mutating func move(_ range: Range<Int>, into index: Int) {
        let place = frames[index].last
        let moved = Array(bytes[range])
        bytes.removeSubrange(range)
        bytes.insert(contentsOf: moved, at: place)
        shiftFrames(from: place, by: moved.count)
    }

    /// Puts the bytes from `start` on in the place of what a closed frame holds.
    mutating func replace(_ index: Int, from start: Int) {
        let place = frames[index].start
        let old = place...frames[index].last
        let new = Array(bytes[start...])
        bytes.removeSubrange(start...)
        bytes.replaceSubrange(old, with: new)
        shiftFrames(from: old.upperBound, by: new.count - old.count)
        frames[index].start = place
        frames[index].last = place + new.count - 1
    }

    /// Takes out bytes that lie behind everything that is still needed from `range`.
    mutating func remove(_ range: Range<Int>) {
        bytes.removeSubrange(range)
        shiftFrames(from: range.upperBound, by: -range.count)
    }

    private mutating func shiftFrames(from place: Int, by distance: Int) {
        for index in frames.indices {
            if frames[index].start >= place { frames[index].start += distance }
            if frames[index].isClosed, frames[index].last >= place { frames[index].last += distance }
        }
    }
}
