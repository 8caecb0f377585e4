/// What a stream's version must be for an append to go through. A stream's first event has version 1.
public enum ExpectedVersion: Hashable, Sendable {
    /// No condition.
    case any

    /// The stream has no event.
    case noStream

    /// The stream has at least one event.
    case streamExists

    /// The stream's last event has this version; 0 is the same as ``noStream``.
    case exactly(Int64)

    /// Whether a stream at this version, 0 if it has no event, meets the condition.
    public func allows(_ version: Int64) -> Bool {
        switch self {
        case .any: true
        case .noStream: version == 0
        case .streamExists: version > 0
        case .exactly(let expected): version == expected
        }
    }

    /// Throws the `conflict` that a store answers with if a stream at this version does not meet the condition.
    package func check(_ version: Int64) throws(EventStoreError) {
        guard allows(version) else {
            throw EventStoreError(
                .conflict(expected: self, actual: version),
                "expected \(self), the stream is at version \(version)"
            )
        }
    }

    /// Throws ``InvalidInput`` for a version below 0.
    public func validate() throws(InvalidInput) {
        if case .exactly(let version) = self, version < 0 {
            throw InvalidInput(field: "expected version", reason: "\(version) is below 0")
        }
    }
}

extension ExpectedVersion: CustomStringConvertible {
    public var description: String {
        switch self {
        case .any: "any version"
        case .noStream: "no stream"
        case .streamExists: "an existing stream"
        case .exactly(let version): "version \(version)"
        }
    }
}
