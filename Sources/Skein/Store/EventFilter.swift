/// Which events of the log a reader wants; an empty set means all.
public struct EventFilter: Hashable, Sendable {
    /// The stored names of aggregate types.
    public var aggregates: Set<String>

    /// The stored names of event types.
    public var events: Set<String>

    /// Creates a filter; without arguments it lets everything through.
    public init(aggregates: Set<String> = [], events: Set<String> = []) {
        self.aggregates = aggregates
        self.events = events
    }

    /// Lets everything through.
    public static let all = EventFilter()

    /// Whether an event of this name in this stream is wanted.
    public func matches(aggregate: String, event: String) -> Bool {
        Self.lets(aggregate, through: aggregates) && Self.lets(event, through: events)
    }

    /// Whether a name is among those wanted, byte by byte; a set finds it also if it is only canonically equivalent.
    private static func lets(_ name: String, through wanted: Set<String>) -> Bool {
        guard !wanted.isEmpty else { return true }
        guard let index = wanted.firstIndex(of: name) else { return false }
        return wanted[index].hasSameBytes(as: name)
    }
}

/// The order in which a store is read.
public enum ReadDirection: Hashable, Sendable {
    /// From older to newer events.
    case forward

    /// From newer to older events.
    case backward
}

/// A page of the log.
public struct LogPage: Hashable, Sendable {
    /// The events that pass the filter, in the order that was asked for.
    public let events: [StoredEvent]

    /// How far the log was read: everything up to here that passes the filter is in this page or an earlier one.
    public let scannedThrough: Int64

    /// The position of the log's last event when the page was read; 0 for an empty log.
    public let head: Int64

    /// Creates a page; for stores.
    public init(events: [StoredEvent], scannedThrough: Int64, head: Int64) {
        self.events = events
        self.scannedThrough = scannedThrough
        self.head = head
    }
}
