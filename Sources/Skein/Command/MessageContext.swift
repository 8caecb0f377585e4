/// What the commands that are sent from here follow from. Event handlers run inside one.
public struct MessageContext: Hashable, Sendable {
    /// Goes on into the commands' events.
    public var correlationID: CorrelationID?

    /// The event that is being handled, or whatever else the commands follow from.
    public var causationID: CausationID?

    /// Creates a context.
    public init(correlationID: CorrelationID? = nil, causationID: CausationID? = nil) {
        self.correlationID = correlationID
        self.causationID = causationID
    }

    /// The context of the current task; bind it with `MessageContext.$current.withValue(_:operation:)`.
    @TaskLocal public static var current: MessageContext?
}
