/// Names the stream of events of one aggregate: the aggregate type's stored name and the aggregate's id.
///
/// Both are compared byte by byte: `é` as one scalar and as `e` with an accent are two streams.
public struct StreamID: Hashable, Sendable {
    /// The stored name of the aggregate type.
    public let aggregate: String

    /// The aggregate's id.
    public let id: String

    /// Creates a stream's name. ``validate()`` tells whether a store accepts it.
    public init(aggregate: String, id: String) {
        self.aggregate = aggregate
        self.id = id
    }

    // Swift's own equality folds canonically equivalent text; a store must not.
    public static func == (left: StreamID, right: StreamID) -> Bool {
        left.id.hasSameBytes(as: right.id) && left.aggregate.hasSameBytes(as: right.aggregate)
    }

    // The id alone tells streams apart well enough; few share it over several aggregate types.
    public func hash(into hasher: inout Hasher) {
        hasher.combineBytes(of: id)
    }

    /// The most UTF-8 bytes that an aggregate's name or id may have.
    public static let maximumLength = 255

    /// Throws ``InvalidInput`` if a part is empty, too long or holds a control character.
    public func validate() throws(InvalidInput) {
        try Self.validate(aggregate, as: "aggregate name")
        try Self.validate(id, as: "aggregate id")
    }

    package static func validate(_ text: String, as field: String) throws(InvalidInput) {
        let count = text.utf8.count
        guard count > 0 else { throw InvalidInput(field: field, reason: "it is empty") }
        guard count <= maximumLength else {
            throw InvalidInput(
                field: field,
                reason: "it has \(count) UTF-8 bytes, at most \(maximumLength) are allowed"
            )
        }
        if let offset = text.firstControlCharacter {
            throw InvalidInput(field: field, reason: "it has a control character at byte \(offset)")
        }
    }
}

extension StreamID: CustomStringConvertible {
    public var description: String { "\(aggregate)/\(id)" }
}
