/// What an event carries beside its payload.
public struct EventMetadata: Hashable, Sendable {
    /// Shared by everything that one outside request set in motion. Filled in by the bus.
    public var correlationID: CorrelationID?

    /// The command, or the event whose handler sent the command, that this event follows from. Filled in by the bus.
    public var causationID: CausationID?

    /// What was given with the command, and what the tracer adds, such as `traceparent`.
    public var entries: [String: String]

    /// Creates metadata.
    public init(
        correlationID: CorrelationID? = nil,
        causationID: CausationID? = nil,
        entries: [String: String] = [:]
    ) {
        self.correlationID = correlationID
        self.causationID = causationID
        self.entries = entries
    }

    /// The entry with a name.
    public subscript(name: String) -> String? {
        get { entries[name] }
        set { entries[name] = newValue }
    }

    /// The most UTF-8 bytes that all names and values may have together.
    public static let maximumLength = 16_384

    /// Throws ``InvalidInput`` if the entries are too long or hold U+0000, which not every store can keep.
    public func validate() throws(InvalidInput) {
        guard !entries.isEmpty else { return }
        var length = 0
        for (name, value) in entries {
            guard !name.isEmpty else { throw InvalidInput(field: "metadata", reason: "a name is empty") }
            guard !name.utf8.contains(0), !value.utf8.contains(0) else {
                throw InvalidInput(field: "metadata", reason: "a name or its value holds U+0000")
            }
            length += name.utf8.count + value.utf8.count
        }
        guard length <= Self.maximumLength else {
            throw InvalidInput(
                field: "metadata",
                reason: "it has \(length) UTF-8 bytes, at most \(Self.maximumLength) are allowed"
            )
        }
    }
}
