#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension JSONDocument {
    func path(to index: Int, _ step: JSONFrame.Step = .none) -> [any CodingKey] {
        var path: [any CodingKey] = []
        if let key = JSONPathKey(step) { path.append(key) }
        var index = index
        while frames.indices.contains(index) {
            if let key = JSONPathKey(frames[index].step) { path.append(key) }
            index = frames[index].parent
        }
        path.reverse()
        return path
    }

    func path(to id: JSONFrameID) -> [any CodingKey] {
        isAlive(id) ? path(to: id.index) : []
    }

    func invalid(_ value: Any, at path: [any CodingKey], _ reason: String, _ cause: (any Error)? = nil) -> EncodingError
    {
        .invalidValue(value, EncodingError.Context(codingPath: path, debugDescription: reason, underlyingError: cause))
    }

    func scalarError(_ value: Any, at path: [any CodingKey]) -> EncodingError {
        let reason =
            value is String
            ? "A string holds U+0000, which not every store can keep."
            : "A number is not finite, which JSON cannot hold."
        // Foundation traps when it describes a date that is not finite, and errors get printed.
        let value: Any = (value as? Date)?.timeIntervalSinceReferenceDate ?? value
        return invalid(value, at: path, reason)
    }

    func keyError(_ key: String, at path: [any CodingKey]) -> EncodingError {
        invalid(key, at: path, "A key holds U+0000, which not every store can keep.")
    }

    func depthError(_ index: Int, _ step: JSONFrame.Step = .none) -> EncodingError {
        let reason = "The value is nested deeper than \(Self.depthLimit) arrays and objects."
        return invalid(Self.depthLimit, at: path(to: index, step), reason)
    }

    func repeatedError(_ index: Int) -> EncodingError {
        let reason = "One encoder was asked for two values or for two kinds of container."
        return invalid(frames[index].count, at: path(to: index), reason)
    }

    func staleError() -> EncodingError {
        invalid("container", at: [], "An encoder or a container was used after its encode(to:) had returned.")
    }

    /// An error as it leaves the encoder: what is no `EncodingError` is wrapped into one.
    func encodingError(_ error: any Error, _ value: Any, at path: [any CodingKey]) -> EncodingError {
        error as? EncodingError ?? invalid(value, at: path, "The value's encode(to:) failed.", error)
    }
}
