/// The id of an aggregate of one type: an id of another type does not compile in its place.
///
/// Ids are compared byte by byte. An empty one, one of more than 255 UTF-8 bytes or one with a control character is
/// refused with ``InvalidInput`` where it is used.
public struct AggregateID<A: Aggregate>: Sendable {
    /// The id's text, unique among the aggregates of its type.
    public let value: String

    /// Creates an id from its text.
    public init(_ value: String) {
        self.value = value
    }

    /// The stream that holds the aggregate's events.
    public var stream: StreamID {
        StreamID(aggregate: A.aggregateName, id: value)
    }
}

extension AggregateID: Hashable {
    public static func == (left: AggregateID, right: AggregateID) -> Bool {
        left.value.hasSameBytes(as: right.value)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combineBytes(of: value)
    }
}

extension AggregateID: CustomStringConvertible {
    public var description: String { value }
}

extension AggregateID: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
