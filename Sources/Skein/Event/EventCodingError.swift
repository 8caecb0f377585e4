/// An event, a rejection or a state that could not be encoded or decoded.
///
/// Its text names types and coding paths, never a payload.
public struct EventCodingError: Error, Sendable {
    /// What went wrong.
    public enum Code: Hashable, Sendable {
        /// The value cannot be written, such as a number that is not finite or a text with U+0000.
        case unencodable

        /// The stored bytes are not what the type expects.
        case undecodable

        /// No case or type has the stored name.
        case unknownEvent

        /// The stored event was written by newer code.
        case newerSchema(found: Int, supported: Int)
    }

    /// What went wrong.
    public let code: Code

    /// The stored name of the event, or the name of the type.
    public let name: String

    /// Where in the value it went wrong, such as `items.3.price`; empty for the whole.
    public let codingPath: String

    /// What exactly was wrong, in words.
    public let reason: String

    /// The place of the stored event in the log, if it came from there.
    public internal(set) var position: Int64?

    /// Creates an error.
    public init(_ code: Code, name: String, codingPath: String = "", reason: String, position: Int64? = nil) {
        self.code = code
        self.name = name
        self.codingPath = codingPath
        self.reason = reason
        self.position = position
    }

    /// The same error of an event at a position.
    package func at(_ position: Int64) -> EventCodingError {
        var error = self
        error.position = position
        return error
    }
}

extension EventCodingError: CustomStringConvertible {
    public var description: String {
        let path = codingPath.isEmpty ? "" : " at \(codingPath)"
        let place = position.map { " (position \($0))" } ?? ""
        return "\(code): \(name)\(path)\(place): \(reason)"
    }
}

extension EventCodingError {
    package init(_ error: any Error, name: String, whileEncoding: Bool) {
        switch error {
        case let error as EventCodingError:
            self = error
        case EncodingError.invalidValue(_, let context):
            self.init(.unencodable, name: name, codingPath: context.codingPath.dotted, reason: context.debugDescription)
        case DecodingError.keyNotFound(let key, let context):
            self.init(
                .undecodable,
                name: name,
                codingPath: context.codingPath.dotted,
                reason: "the key \(key.stringValue) is missing"
            )
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            self.init(.undecodable, name: name, codingPath: context.codingPath.dotted, reason: context.debugDescription)
        default:
            self.init(
                whileEncoding ? .unencodable : .undecodable,
                name: name,
                reason: "the type's own coding threw \(type(of: error))"
            )
        }
    }
}

extension [any CodingKey] {
    fileprivate var dotted: String {
        map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
