public import Skein

/// What clients and subscribers of one or more buses saw, in real-time order.
///
/// It is taken by a ``HistoryRecorder``, judged by a ``HistoryChecker``, and written as ``jsonLines`` for other checkers.
public struct History: Hashable, Sendable {
    /// The entries; their sequence numbers rise.
    public var entries: [Entry]

    /// Creates a history.
    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }
}

extension History {
    /// One thing that was seen.
    public struct Entry: Hashable, Sendable {
        /// The entry's place; what has the lower number was seen first.
        public var sequence: Int

        /// The uptime of the time source when it was seen.
        public var time: Duration

        /// The node or process that saw it.
        public var node: String

        /// What was seen.
        public var observation: Observation

        /// Creates an entry.
        public init(sequence: Int, time: Duration, node: String, _ observation: Observation) {
            self.sequence = sequence
            self.time = time
            self.node = node
            self.observation = observation
        }
    }

    /// What a client, a subscriber or the driver of a test can see.
    public enum Observation: Hashable, Sendable {
        /// A client asks; the number is unique in the history. An operation that a crash ended has no completion.
        case invoked(operation: Int, Call)

        /// The client has its answer.
        case completed(operation: Int, Answer)

        /// A subscription's handler is given an event.
        case delivered(Delivery)

        /// The handler is done with the event, without an error.
        case handled(Delivery)

        /// A node has taken a subscription over, and goes on after the checkpoint.
        case claimed(Checkpoint)

        /// A node has moved a subscription's checkpoint; this is the new one.
        case moved(Checkpoint)

        /// Something that only people read: a crash, a restart, a fault.
        case noted(String)
    }
}
