public import Skein

extension History {
    /// What a client is told.
    public enum Answer: Hashable, Sendable {
        /// The command is carried out.
        case acknowledged(Acknowledgement)

        /// The domain said no.
        case rejected(Value)

        /// It failed, and nothing is stored for it.
        case failed(Failure)

        /// Something may be stored for it; the id, if the error told one, and the error.
        case unknown(CommandID?, String)

        /// The state that was read.
        case state(Value)

        /// What became of a command.
        case outcome(Outcome)
    }

    /// What a receipt says.
    public struct Acknowledgement: Hashable, Sendable {
        /// The command's id.
        public var commandID: CommandID

        /// The aggregate's version after the command.
        public var version: Int64

        /// The position of the command's last event.
        public var position: Int64

        /// The ids of the command's events; nil if the answer does not tell, empty if the command changed nothing.
        public var events: [EventID]?

        /// The events themselves, an array of the aggregate's type of event.
        public var values: Value?

        /// Whether the answer says that it repeats an earlier one.
        public var isRepeated: Bool

        /// Creates an acknowledgement.
        public init(
            commandID: CommandID,
            version: Int64,
            position: Int64,
            events: [EventID]?,
            values: Value? = nil,
            isRepeated: Bool = false
        ) {
            self.commandID = commandID
            self.version = version
            self.position = position
            self.events = events
            self.values = values
            self.isRepeated = isRepeated
        }
    }

    /// Why nothing is stored.
    public struct Failure: Hashable, Sendable {
        /// The class of the error, such as `overloaded`.
        public var error: String

        /// The aggregate's version, if the sender's own expectation was not met.
        public var actualVersion: Int64?

        /// Creates a failure.
        public init(_ error: String, actualVersion: Int64? = nil) {
            self.error = error
            self.actualVersion = actualVersion
        }
    }

    /// What became of a command, as the store tells it.
    public enum Outcome: Hashable, Sendable {
        /// The store does not know the command.
        case absent

        /// It stored these events; the last one has the version and the position.
        case events([EventID], version: Int64, position: Int64)

        /// The domain said no.
        case rejection

        /// It changed nothing.
        case nothing
    }
}
