public import Skein
import Testing

/// Tells the cases about transactions how to write into those of a kind of store, and how to read what was written.
///
/// What is written are marks: short texts that the place keeps, such as in a table of their own.
///
/// ```swift
/// let probe = TransactionProbe(
///     of: InMemoryEventStore.self,
///     mark: { mark, transaction in
///         try transaction.set((transaction.value([String].self, of: "marks") ?? []) + [mark], of: "marks")
///     },
///     marks: { transaction in try transaction.value([String].self, of: "marks") ?? [] }
/// )
/// ```
public struct TransactionProbe: Sendable {
    let probed: @Sendable (any EventStore) throws -> any MarkedStore

    /// Creates a probe.
    ///
    /// - Parameters:
    ///   - store: The store's type.
    ///   - prepare: Makes what marks are kept in, unless it is there; runs in a transaction of its own.
    ///   - mark: Keeps a mark; the same text may come again and is then kept again.
    ///   - marks: All marks that the transaction sees, in any order.
    ///   - fail: Does something that the database refuses, such as with a constraint; without it, an error is thrown that is not
    ///     the database's.
    public init<Store: TransactionalEventStore>(
        of store: Store.Type,
        prepare: @escaping @Sendable (Store.Transaction) throws -> Void = { _ in },
        mark: @escaping @Sendable (String, Store.Transaction) throws -> Void,
        marks: @escaping @Sendable (Store.Transaction) throws -> [String],
        fail: (@Sendable (Store.Transaction) throws -> Void)? = nil
    ) {
        let words = ProbeWords(prepare: prepare, mark: mark, marks: marks, fail: fail ?? { _ in throw Veto() })
        probed = { found in
            guard let store = found as? Store else {
                throw ConformanceFailure(
                    "expected a \(Store.self) for transactions, found a \(type(of: found))",
                    at: #_sourceLocation
                )
            }
            return ProbedStore(store: store, words: words)
        }
    }
}

/// What a body of the cases throws that does not want what was done.
struct Veto: Error, Hashable {}

struct ProbeWords<Transaction>: Sendable {
    let prepare: @Sendable (Transaction) throws -> Void
    let mark: @Sendable (String, Transaction) throws -> Void
    let marks: @Sendable (Transaction) throws -> [String]
    let fail: @Sendable (Transaction) throws -> Void
}
