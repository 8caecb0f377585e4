/// The transactional handlers of a bus, by the aggregates whose appends they are part of.
struct TransactionalHandlers: Sendable {
    private let deliveries: [String: [TransactionalHandler.Delivery]]
    private let transactionTypes: [Any.Type]

    init(_ handlers: [TransactionalHandler], coder: any EventCoder) {
        var deliveries: [String: [TransactionalHandler.Delivery]] = [:]
        for handler in handlers { deliveries[handler.aggregateName, default: []].append(handler.bind(coder)) }
        self.deliveries = deliveries
        transactionTypes = handlers.map(\.transactionType)
    }

    var isEmpty: Bool { deliveries.isEmpty }

    /// Throws ``InvalidInput`` if the store does not lend the transactions that the handlers want.
    func validate(for store: any EventStore) throws(InvalidInput) {
        let lent = (store as? any TransactionalEventStore)?.transactionType
        for type in transactionTypes where type != lent {
            let offer = lent.map { "lends \($0)" } ?? "lends no transactions"
            throw InvalidInput(field: "transactional handler", reason: "it wants \(type), the store \(offer)")
        }
    }

    /// Appends, with the handlers of the aggregate inside the transaction.
    func append(_ append: StreamAppend, to store: any EventStore) async throws(EventStoreError) -> AppendResult {
        guard !deliveries.isEmpty, append.eventCount > 0, let handlers = deliveries[append.stream.aggregate] else {
            return try await store.append(append)
        }
        guard let store = store as? any TransactionalEventStore else {
            throw EventStoreError(.unsuitable, "the store lends no transactions to handlers")
        }
        return try await store.append(append, delivering: handlers)
    }

    static func mismatch(_ wanted: Any.Type) -> EventStoreError {
        EventStoreError(.unsuitable, "a handler wants \(wanted), which is not what the store lends")
    }
}

extension TransactionalEventStore {
    fileprivate var transactionType: Any.Type { Transaction.self }

    fileprivate func append(
        _ append: StreamAppend,
        delivering handlers: [TransactionalHandler.Delivery]
    ) async throws(EventStoreError) -> AppendResult {
        try await self.append(append) { events, transaction in
            for event in events {
                for handle in handlers { try handle(event, transaction) }
            }
        }
    }
}
