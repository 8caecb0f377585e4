/// The transaction of an ``InMemoryEventStore``: values under keys, which live as long as the store.
///
/// For handlers that are tested in memory. Reading gives what this transaction has written, or what was committed before.
public final class InMemoryTransaction {
    private let committed: [String: any Sendable]
    private var changes: [String: (any Sendable)?] = [:]
    private var isOver = false

    init(_ committed: [String: any Sendable]) {
        self.committed = committed
    }

    /// The value under a key; nil if there is none or it is of another type.
    public func value<Value: Sendable>(_ type: Value.Type = Value.self, of key: String) throws -> Value? {
        try checkIsOpen()
        return present(key) as? Value
    }

    /// Keeps a value under a key; nil removes it.
    public func set<Value: Sendable>(_ value: Value?, of key: String) throws {
        try checkIsOpen()
        changes.updateValue(value.map { $0 as any Sendable }, forKey: key)
    }

    private func present(_ key: String) -> (any Sendable)? {
        let value = if let change = changes[key] { change } else { committed[key] }
        guard let shown = value as? ShownTable else { return value }
        return if let change = changes[shown.table] { change } else { committed[shown.table] }
    }

    /// Ends the transaction, and tells what it has changed, each key once, with nil for what was removed.
    func end() -> [String: (any Sendable)?] {
        isOver = true
        return changes
    }

    private func checkIsOpen() throws {
        guard !isOver else { throw EventStoreError.transactionIsOver }
    }
}

extension EventStoreError {
    /// What a transaction answers that is used after the call that it was lent for.
    package static var transactionIsOver: EventStoreError {
        EventStoreError(.transactionOver, "the transaction was lent for one call, which is over")
    }
}

/// Stands under a plain name for the table that readers see there.
struct ShownTable: Sendable {
    let table: String
}

extension InMemoryTransaction: ReadModelTransaction {
    public func show(table: String, as name: String) throws {
        try set(ShownTable(table: table), of: name)
    }

    public func hide(_ name: String) throws {
        try set(Never?.none, of: name)
    }

    public func drop(table: String) throws {
        try set(Never?.none, of: table)
    }
}
