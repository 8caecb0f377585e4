/// How a command is sent.
public struct CommandOptions: Sendable {
    /// The command's id, if the sender wants to be able to send it again: the same id is carried out once, for all time
    /// and over all processes, and a repetition gets the first outcome. Nil lets the bus make one up.
    public var id: CommandID?

    /// What the aggregate's version must be when the command is decided.
    public var expectedVersion: ExpectedVersion

    /// How long the command may wait to be decided; nil takes the bus's default. It never interrupts an append.
    public var timeout: Duration?

    /// Overrides the correlation that the bus fills in.
    public var correlationID: CorrelationID?

    /// Overrides the causation that the bus fills in.
    public var causationID: CausationID?

    /// Entries for the metadata of the command's events.
    public var metadata: [String: String]

    /// Subscriptions that must have handled the command's events before the call returns.
    public var awaiting: [String]

    /// How long to wait for the subscriptions, once the command is stored.
    public var awaitingTimeout: Duration

    /// Creates options; each one left out has its default.
    public init(
        id: CommandID? = nil,
        expectedVersion: ExpectedVersion = .any,
        timeout: Duration? = nil,
        correlationID: CorrelationID? = nil,
        causationID: CausationID? = nil,
        metadata: [String: String] = [:],
        awaiting: [String] = [],
        awaitingTimeout: Duration = .seconds(5)
    ) {
        self.id = id
        self.expectedVersion = expectedVersion
        self.timeout = timeout
        self.correlationID = correlationID
        self.causationID = causationID
        self.metadata = metadata
        self.awaiting = awaiting
        self.awaitingTimeout = awaitingTimeout
    }

    /// The defaults.
    public static let standard = CommandOptions()
}
