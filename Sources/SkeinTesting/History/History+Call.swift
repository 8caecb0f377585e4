public import Skein

extension History {
    /// What a client asks for.
    public enum Call: Hashable, Sendable {
        /// A command to an aggregate.
        case command(CommandCall)

        /// The state of an aggregate.
        case read(StreamID)

        /// What became of a command.
        case outcome(CommandID)
    }

    /// A command as a client sends it.
    public struct CommandCall: Hashable, Sendable {
        /// The command's id; nil if the client leaves it to the bus.
        public var id: CommandID?

        /// The stream of the aggregate that the command goes to.
        public var stream: StreamID

        /// What the sender wants the aggregate's version to be.
        public var expected: ExpectedVersion

        /// The command.
        public var command: Value

        /// Creates a call.
        public init(id: CommandID?, stream: StreamID, expected: ExpectedVersion = .any, command: Value) {
            self.id = id
            self.stream = stream
            self.expected = expected
            self.command = command
        }
    }
}
