/// Does something with an aggregate's events inside the transaction that stores them: what it writes is committed with
/// them or not at all, and what it throws keeps them from being stored.
///
/// For invariants over several aggregates and for read models that must never be behind. It is part of what every sender
/// waits for; an ``EventHandler`` runs after the commit instead.
public protocol TransactionalEventHandler<Source, Transaction>: Sendable {
    /// The aggregate type whose events are handled.
    associatedtype Source: Aggregate

    /// The transaction of the store that the bus is used with, such as `SQLiteTransaction`.
    associatedtype Transaction

    /// Handles an event that has its place already. Called in the order of positions, on a thread that may block.
    ///
    /// It must do nothing that a rollback does not undo, for the transaction may still fail and then be run again. It cannot
    /// suspend, and so cannot send commands; the transaction cannot be used once this has returned.
    func handle(_ event: RecordedEvent<Source>, in transaction: Transaction) throws
}

/// A ``TransactionalEventHandler`` of a bus, whatever it handles.
public struct TransactionalHandler: Sendable {
    typealias Delivery = @Sendable (StoredEvent, Any) throws -> Void

    let aggregateName: String
    let transactionType: Any.Type
    let bind: @Sendable (any EventCoder) -> Delivery

    /// Handles the events of an aggregate type with a handler.
    public init<Handler: TransactionalEventHandler>(_ handler: Handler) {
        self.init(Handler.Source.self, Handler.Transaction.self) { event, transaction in
            try handler.handle(event, in: transaction)
        }
    }

    /// Handles the events of an aggregate type with a closure, which has the duties of
    /// ``TransactionalEventHandler/handle(_:in:)``.
    public init<A: Aggregate, Transaction>(
        _ type: A.Type,
        _ transactionType: Transaction.Type,
        _ handle: @escaping @Sendable (RecordedEvent<A>, Transaction) throws -> Void
    ) {
        aggregateName = type.aggregateName
        self.transactionType = transactionType
        bind = { coder in
            let codec = coder.codec(for: A.Event.self)
            return { stored, transaction in
                guard let transaction = transaction as? Transaction else {
                    throw TransactionalHandlers.mismatch(transactionType)
                }
                try handle(RecordedEvent(codec.decode(stored), from: stored), transaction)
            }
        }
    }
}
