public import Skein

extension History.Acknowledgement {
    /// What a receipt says.
    public init<A: Aggregate>(_ receipt: CommandReceipt<A>) {
        var ids: [EventID] = []
        for ordinal in 0..<receipt.events.count {
            ids.append(EventID(command: receipt.commandID, ordinal: ordinal))
        }
        self.init(
            commandID: receipt.commandID,
            version: receipt.version,
            position: receipt.position,
            events: ids,
            values: History.Value(receipt.events),
            isRepeated: receipt.isRepeated
        )
    }
}

extension History.Answer {
    /// What an error of a bus says.
    ///
    /// - Parameter expected: What the sender wanted the version to be; a conflict with it tells the actual one.
    public init<Rejection>(_ error: CommandError<Rejection>, expected: ExpectedVersion) {
        switch error {
        case .rejected(let rejection):
            self = .rejected(History.Value(rejection))
        case .outcomeUnknown(let id):
            self = .unknown(id, "outcomeUnknown")
        case .notYetVisible(let stored, _):
            self = .acknowledged(
                History.Acknowledgement(
                    commandID: stored.id,
                    version: stored.version,
                    position: stored.position,
                    events: nil
                )
            )
        case .conflict(expected, let actual) where expected != .any:
            self = .failed(History.Failure("conflict", actualVersion: actual))
        default:
            self = .failed(History.Failure(error.className))
        }
    }
}

extension History.Outcome {
    /// What a store says of a command.
    public init(_ known: KnownCommand?) {
        switch known?.outcome {
        case nil: self = .absent
        case .events(let events)?:
            self = .events(events.map(\.id), version: known?.version ?? 0, position: known?.position ?? 0)
        case .rejection?: self = .rejection
        case .nothing?: self = .nothing
        }
    }
}

extension CommandError {
    /// The error's class, as it stands in a history.
    fileprivate var className: String {
        switch self {
        case .rejected: "rejected"
        case .refused: "refused"
        case .invalidInput: "invalidInput"
        case .conflict: "conflict"
        case .commandIDReused: "commandIDReused"
        case .overloaded: "overloaded"
        case .deadlineExceeded: "deadlineExceeded"
        case .cancelled: "cancelled"
        case .reentrant: "reentrant"
        case .shuttingDown: "shuttingDown"
        case .quarantined: "quarantined"
        case .coding: "coding"
        case .outcomeUnknown: "outcomeUnknown"
        case .notYetVisible: "notYetVisible"
        case .handlerFailed: "handlerFailed"
        case .store: "store"
        }
    }
}
