/// Why a command was not carried out, or what is not known about it.
///
/// Apart from `outcomeUnknown` and `notYetVisible`, nothing was stored for the command.
public enum CommandError<Rejection: DomainRejection>: Error {
    /// The domain said no.
    case rejected(Rejection)

    /// A middleware refused the command.
    case refused(any Error)

    /// The id, the options or the size of what was decided break a rule.
    case invalidInput(InvalidInput)

    /// The aggregate is not at the expected version, or others kept changing it during all retries.
    case conflict(expected: ExpectedVersion, actual: Int64)

    /// This id was used before for another command. What that one came to is not told.
    case commandIDReused(CommandID)

    /// A limit is reached; nothing was queued.
    case overloaded(Overload)

    /// The deadline passed before the command was decided.
    case deadlineExceeded

    /// The calling task was cancelled before the command was decided.
    case cancelled

    /// The command was sent to an aggregate from inside a command to the same one, which would wait for itself.
    case reentrant

    /// The bus is stopping or has stopped.
    case shuttingDown

    /// The aggregate cannot be rebuilt from its events; it is tried again after the given time.
    case quarantined(EventCodingError, retryAfter: Duration)

    /// What was decided, or the recorded first outcome, could not be encoded or decoded.
    case coding(EventCodingError)

    /// A commit was sent and its answer never came. ``CommandBus/outcome(of:)`` will tell; or send the same id again.
    case outcomeUnknown(CommandID)

    /// The command is stored, but a subscription has not reached it in time.
    case notYetVisible(StoredCommand, SubscriptionWaitError)

    /// A transactional handler threw this; it keeps the events from being stored.
    case handlerFailed(any Error)

    /// The store failed.
    case store(EventStoreError)
}

extension CommandError {
    /// The same error for another type of rejection.
    init(_ error: CommandError<Never>) {
        switch error {
        case .rejected(let never): switch never {}
        case .refused(let error): self = .refused(error)
        case .invalidInput(let input): self = .invalidInput(input)
        case .conflict(let expected, let actual): self = .conflict(expected: expected, actual: actual)
        case .commandIDReused(let id): self = .commandIDReused(id)
        case .overloaded(let overload): self = .overloaded(overload)
        case .deadlineExceeded: self = .deadlineExceeded
        case .cancelled: self = .cancelled
        case .reentrant: self = .reentrant
        case .shuttingDown: self = .shuttingDown
        case .quarantined(let error, let retryAfter): self = .quarantined(error, retryAfter: retryAfter)
        case .coding(let error): self = .coding(error)
        case .outcomeUnknown(let id): self = .outcomeUnknown(id)
        case .notYetVisible(let stored, let error): self = .notYetVisible(stored, error)
        case .handlerFailed(let error): self = .handlerFailed(error)
        case .store(let error): self = .store(error)
        }
    }

    /// A failure whose rejection has this type.
    @usableFromInline
    init(_ failure: CommandFailure) {
        switch failure {
        case .rejected(let rejection as Rejection): self = .rejected(rejection)
        case .rejected: self = .cancelled  // A state rejects with its own type only.
        case .other(let error): self.init(error)
        }
    }
}

extension CommandError: Equatable where Rejection: Equatable {
    /// Compares what decides about the next step; causes and messages are left out.
    public static func == (left: CommandError, right: CommandError) -> Bool {
        switch (left, right) {
        case (.rejected(let left), .rejected(let right)): left == right
        case (.refused, .refused), (.handlerFailed, .handlerFailed): true
        case (.invalidInput(let left), .invalidInput(let right)): left == right
        case (.conflict(let left, let leftActual), .conflict(let right, let rightActual)):
            left == right && leftActual == rightActual
        case (.commandIDReused(let left), .commandIDReused(let right)): left == right
        case (.overloaded(let left), .overloaded(let right)): left == right
        case (.deadlineExceeded, .deadlineExceeded), (.cancelled, .cancelled): true
        case (.reentrant, .reentrant), (.shuttingDown, .shuttingDown): true
        case (.quarantined(let left, _), .quarantined(let right, _)): left.code == right.code && left.name == right.name
        case (.coding(let left), .coding(let right)): left.code == right.code && left.name == right.name
        case (.outcomeUnknown(let left), .outcomeUnknown(let right)): left == right
        case (.notYetVisible(let left, _), .notYetVisible(let right, _)): left == right
        case (.store(let left), .store(let right)): left.code == right.code
        default: false
        }
    }
}

/// A limit of the bus that was reached.
public enum Overload: Hashable, Sendable {
    /// So many commands wait for one aggregate.
    case mailbox(limit: Int)

    /// So many aggregates have commands in progress.
    case residents(limit: Int)
}

/// A command that is stored for sure, whatever else went wrong.
public struct StoredCommand: Hashable, Sendable {
    /// The command's id.
    public let id: CommandID

    /// The aggregate's version after the command.
    public let version: Int64

    /// The position of the command's last event; without events, the log's end at that time.
    public let position: Int64
}
