/// Lets values encode themselves into a document.
///
/// The document is never accessed while a value's own code runs, for that code comes back to it. As each access is checked
/// for that at run time, what can be done in one is not done in two.
final class JSONWriter {
    var document: JSONDocument

    init(isCanonical: Bool = false) {
        document = JSONDocument(isCanonical: isCanonical)
    }

    /// Writes a value into an array or object.
    func add<T: Encodable>(_ value: T, key: String? = nil, in id: JSONFrameID) throws {
        if let known = JSONDocument.Known(T.self) { return try document.add(value, as: known, key: key, in: id) }
        let (element, slot) = try document.beginValue(key: key, in: id)
        do {
            try fill(slot, with: value)
        } catch {
            document.abandon(slot, element, in: id)
            throw error
        }
        document.endValue(slot, element, in: id)
    }

    /// Writes the one value of an encoder.
    func set<T: Encodable>(_ value: T, in id: JSONFrameID) throws {
        if let known = JSONDocument.Known(T.self) { return try document.set(value, as: known, in: id) }
        _ = try document.beginSingle(id)
        let (depth, calls) = (document.frames[id.index].depth, document.frames[id.index].calls)
        do {
            try fill(id, with: value)
        } catch {
            document.empty(id, depth: depth)
            document.frames[id.index].calls = calls
            throw error
        }
    }

    /// Writes the outermost value, with which the writer is done.
    ///
    /// `unwrapsCase`: of a value that consists of one nested object only, that object is returned, and its key.
    func writeRoot<E: Encodable>(
        _ value: E,
        unwrapsCase: Bool = false,
        sortsKeys: Bool
    ) throws(EncodingError) -> JSONRoot {
        var root: JSONRoot?
        do {
            if let known = JSONDocument.Known(E.self) {
                try document.set(value, as: known, in: .root)
            } else {
                try value.encode(to: JSONValueEncoder(writer: self, frame: .root))
            }
            root = try document.endRoot(E.self, unwrapsCase: unwrapsCase, sortsKeys: sortsKeys)
        } catch {
            document.dropFrames(from: 0)
            throw document.encodingError(error, value, at: [])
        }
        guard let root else { throw document.invalid(value, at: [], "The value did not encode anything.") }
        return root
    }

    /// Lets a value write itself into a frame, and ends the frames that it made.
    private func fill<T: Encodable>(_ slot: JSONFrameID, with value: T) throws {
        let mark = document.frames.count
        try encode(value, into: slot)
        document.endAndDrop(from: mark)
        if document.isCanonical { document.sort(T.self, slot) }
    }

    /// Lets a value write itself into a frame. The frames that it made are ended only if it fails.
    private func encode<T: Encodable>(_ value: T, into slot: JSONFrameID) throws {
        let mark = try document.enter(slot)
        do {
            try value.encode(to: JSONValueEncoder(writer: self, frame: slot))
            try document.checkFailure()
        } catch {
            document.forgetFailure()
            document.endAndDrop(from: mark)
            throw document.encodingError(error, value, at: document.path(to: slot.index))
        }
    }
}
