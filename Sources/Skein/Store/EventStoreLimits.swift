/// How much a store takes at a time.
public struct EventStoreLimits: Hashable, Sendable {
    /// The most events in one append.
    public var eventsPerAppend: Int

    /// The most bytes in one event's payload.
    public var payloadBytes: Int

    /// The most events that one read returns.
    public var pageSize: Int

    /// Creates limits.
    public init(eventsPerAppend: Int = 5_000, payloadBytes: Int = 1_048_576, pageSize: Int = 10_000) {
        self.eventsPerAppend = eventsPerAppend
        self.payloadBytes = payloadBytes
        self.pageSize = pageSize
    }

    /// Throws ``InvalidInput`` unless a read may return this many events.
    public func validate(pageSize size: Int) throws(InvalidInput) {
        guard (1...pageSize).contains(size) else {
            throw InvalidInput(field: "page size", reason: "\(size) is not between 1 and \(pageSize)")
        }
    }
}
