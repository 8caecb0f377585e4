/// An error of an event store. Its text never holds a payload or a password.
public struct EventStoreError: Error, Sendable {
    /// What happened, and what Skein may do about it by itself.
    public let code: Code

    /// What happened in words, for a log.
    public let message: String

    /// The error of the library below, if there was one.
    public let cause: (any Error)?

    /// Creates an error; the message must not hold a payload or a password.
    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The classes of errors.
    public enum Code: Hashable, Sendable {
        /// The stream is not at the expected version. Nothing was stored.
        case conflict(expected: ExpectedVersion, actual: Int64)

        /// An event id of the append is stored already, or stands in it twice. Nothing was stored.
        case duplicateEvent(EventID)

        /// The stream has no event and never had one, or was deleted for good.
        case streamNotFound

        /// The stream was deleted softly: it can be neither read nor written.
        case streamDeleted

        /// It failed this time and changed nothing; trying again may help.
        case transient

        /// The connection broke before anything was committed.
        case connectionLost

        /// A commit was sent and its answer never came: the append may or may not be stored.
        case outcomeUnknown

        /// The disk or the database is full. Nothing was stored.
        case full

        /// The database cannot be written.
        case readOnly

        /// The store gave up after its own time limit. Nothing was stored.
        case timeout

        /// What is stored is damaged, or is no store's database at all.
        case corrupt

        /// The input breaks a rule. Nothing was stored.
        case invalidInput(InvalidInput)

        /// The schema is missing: ``EventStore/migrate()`` was not called.
        case notMigrated

        /// The schema was written by a newer version of Skein.
        case newerSchema(found: Int, supported: Int)

        /// The file or the database may not be used by this user.
        case permission

        /// The path or the address leads to nothing that a store could be in.
        case unreachable

        /// Another process holds the store, which is for one process at a time.
        case inUse(processID: Int32)

        /// The server's version or one of its settings does not let the store keep its promises, or a decorated store lacks what
        /// it is asked for.
        case unsuitable

        /// The store was closed.
        case closed

        /// The checkpoint was moved or claimed by another runner: ownership is lost.
        case checkpointFenced

        /// What was to run inside the transaction threw; its error is the ``cause``. Nothing was stored.
        case handlerFailed

        /// A transaction was used after the call that it was lent for.
        case transactionOver
    }
}

extension EventStoreError: CustomStringConvertible {
    public var description: String {
        if let cause { "\(code): \(message) (\(cause))" } else { "\(code): \(message)" }
    }
}

extension EventStoreError {
    /// Wraps refused input.
    public init(_ input: InvalidInput) {
        self.init(.invalidInput(input), input.description)
    }

    /// Wraps what a handler threw inside a transaction.
    package init(handler error: any Error) {
        self.init(.handlerFailed, "what was to run inside the transaction has failed", cause: error)
    }

    /// Whether the same call may succeed later and the failed one changed nothing.
    public var isTransient: Bool {
        switch code {
        case .transient, .connectionLost, .timeout: true
        default: false
        }
    }
}
