public import Skein

extension History {
    /// An event on its way to a subscription's handler.
    public struct Delivery: Hashable, Sendable {
        /// The subscription's name.
        public var subscription: String

        /// The event's place in the log.
        public var position: Int64

        /// The event's stream.
        public var stream: StreamID

        /// The event's place in its stream.
        public var version: Int64

        /// The event's identity.
        public var event: EventID

        /// Creates a delivery.
        public init(subscription: String, position: Int64, stream: StreamID, version: Int64, event: EventID) {
            self.subscription = subscription
            self.position = position
            self.stream = stream
            self.version = version
            self.event = event
        }

        /// The delivery of an event as a handler is given it.
        public init<A: Aggregate>(_ event: RecordedEvent<A>, to subscription: String) {
            self.init(
                subscription: subscription,
                position: event.position,
                stream: event.aggregateID.stream,
                version: event.version,
                event: event.id
            )
        }

        /// The delivery of a stored event.
        public init(_ event: StoredEvent, to subscription: String) {
            self.init(
                subscription: subscription,
                position: event.position,
                stream: event.stream,
                version: event.version,
                event: event.id
            )
        }
    }
}
