/// What a command has done.
public struct CommandReceipt<A: Aggregate>: Sendable {
    /// The command's id: the sender's, or the one that the bus made up.
    public let commandID: CommandID

    /// The aggregate's version after the command.
    public let version: Int64

    /// The position of the command's last event; without events, the log's end or an earlier position.
    ///
    /// It is the token for ``CommandBus/wait(for:toReach:within:)``.
    public let position: Int64

    /// What the command has made happen; empty if it changed nothing.
    public let events: [A.Event]

    /// Whether this is the outcome of an earlier command with the same id; this time nothing was stored.
    public let isRepeated: Bool

    /// Creates a receipt, for a middleware that answers a command itself.
    @inlinable
    public init(
        commandID: CommandID,
        version: Int64,
        position: Int64,
        events: [A.Event] = [],
        isRepeated: Bool = false
    ) {
        self.commandID = commandID
        self.version = version
        self.position = position
        self.events = events
        self.isRepeated = isRepeated
    }
}
