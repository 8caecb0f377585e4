/// Why a batch of commands could not be served.
enum ServingError: Error {
    /// The store failed, or another writer was faster.
    case store(EventStoreError)

    /// The aggregate's events cannot be replayed.
    case quarantined(EventCodingError, retryAfter: Duration)

    /// An append before this one is still unknown.
    case inDoubt

    /// This batch's own append is unknown.
    case outcomeUnknown

    var isConflict: Bool {
        if case .store(let error) = self, case .conflict = error.code { true } else { false }
    }

    /// Whether a transactional handler has kept the events from being stored.
    var isHandlerFailure: Bool {
        if case .store(let error) = self, case .handlerFailed = error.code { true } else { false }
    }

    /// Whether deciding again may help.
    var mayRetry: Bool {
        if case .store(let error) = self { isConflict || error.isTransient } else { false }
    }

    /// What the sender of a command that is not part of an unknown append is told.
    var commandError: CommandError<Never> {
        switch self {
        case .store(let error):
            if case .conflict(let expected, let actual) = error.code {
                .conflict(expected: expected, actual: actual)
            } else if case .handlerFailed = error.code, let cause = error.cause {
                .handlerFailed(cause)
            } else {
                .store(error)
            }
        case .quarantined(let error, let retryAfter):
            .quarantined(error, retryAfter: retryAfter)
        case .inDoubt, .outcomeUnknown:
            .store(EventStoreError(.transient, "what became of an earlier append to this aggregate is not known yet"))
        }
    }
}

extension EventStoreError {
    static var brokenContract: EventStoreError {
        EventStoreError(.corrupt, "the store refused an append for known commands and named none that is in it")
    }
}
