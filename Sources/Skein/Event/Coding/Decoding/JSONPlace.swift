#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A value in a document that is being decoded.
struct JSONPlace {
    /// The most `init(from:)` inside each other. A type that decodes itself from its own place would never end.
    static let callLimit: Int32 = 2 * Int32(JSONDocument.callLimit)

    let reader: JSONReader
    let index: Int32
    /// How many `init(from:)` are around it.
    var calls: Int32 = 0

    var node: JSONNode { reader.node(index) }
    var kind: JSONNode.Kind { reader.node(index).kind }
    var path: [any CodingKey] { reader.path(to: index) }

    /// Another value of the same document.
    func at(_ index: Int32) -> JSONPlace {
        JSONPlace(reader: reader, index: index, calls: calls)
    }

    /// The bytes of a number.
    var token: ArraySlice<UInt8> {
        let node = node
        return reader.bytes[Int(node.start)..<Int(node.start + node.count)]
    }

    func expect(_ kind: JSONNode.Kind, for type: Any.Type) throws {
        guard self.kind == kind else { throw mismatch(type, expected: kind.name) }
    }

    // MARK: Values

    /// Decodes the value. A cast of an unspecialised generic costs more than the reading, and the types are found equal.
    func value<T: Decodable>(_ type: T.Type) throws -> T {
        if T.self == String.self {
            return unsafe unsafeBitCast(try String.read(at: self), to: T.self)
        } else if T.self == Int.self {
            return unsafe unsafeBitCast(try Int.read(at: self), to: T.self)
        } else if T.self == Double.self {
            return unsafe unsafeBitCast(try Double.read(at: self), to: T.self)
        } else if T.self == Bool.self {
            return unsafe unsafeBitCast(try Bool.read(at: self), to: T.self)
        } else if T.self == Date.self {
            return unsafe unsafeBitCast(try Date.read(at: self), to: T.self)
        } else if T.self == Data.self {
            return unsafe unsafeBitCast(try Data.read(at: self), to: T.self)
        } else if T.self == URL.self {
            return unsafe unsafeBitCast(try URL.read(at: self), to: T.self)
        } else if T.self == Decimal.self {
            return unsafe unsafeBitCast(try Decimal.read(at: self), to: T.self)
        }
        guard calls < Self.callLimit else {
            throw corrupted("More than \(Self.callLimit) values are being decoded inside each other.")
        }
        return try T(from: JSONValueDecoder(place: JSONPlace(reader: reader, index: index, calls: calls + 1)))
    }

    // MARK: Errors

    /// Another kind of value, or null, where a type is wanted.
    func mismatch(_ type: Any.Type, expected: String? = nil) -> DecodingError {
        let found = kind
        let reason = "Expected \(expected ?? "\(type)"), found \(found.name)."
        let context = DecodingError.Context(codingPath: path, debugDescription: reason)
        return found == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    /// The right kind of value, which says something that the type cannot be.
    func corrupted(_ reason: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: path, debugDescription: reason))
    }
}
