import Skein
import Synchronization

/// A store with transactions, as the cases see it.
protocol MarkedStore: Sendable {
    func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], Marks) throws -> Void
    ) async throws(EventStoreError) -> AppendResult

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (Marks) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint

    func transact(_ body: @escaping @Sendable (Marks) throws -> Void) async throws(EventStoreError)

    /// Makes what marks are kept in.
    func prepare() async throws(EventStoreError)
}

extension MarkedStore {
    /// The marks that were committed, sorted.
    func marks() async throws -> [String] {
        let found = Mutex<[String]>([])
        try await transact { marks in
            let all = try marks.all()
            found.withLock { $0 = all }
        }
        return found.withLock { $0.sorted() }
    }
}

/// A transaction as the cases see it.
final class Marks {
    private let mark: (String) throws -> Void
    private let marks: () throws -> [String]
    private let refused: () throws -> Void

    init<Transaction>(in transaction: Transaction, _ words: ProbeWords<Transaction>) {
        mark = { try words.mark($0, transaction) }
        marks = { try words.marks(transaction) }
        refused = { try words.fail(transaction) }
    }

    func add(_ mark: String) throws { try self.mark(mark) }

    func all() throws -> [String] { try marks() }

    /// Does something that the database refuses.
    func fail() throws { try refused() }
}

struct ProbedStore<Store: TransactionalEventStore>: MarkedStore {
    let store: Store
    let words: ProbeWords<Store.Transaction>

    func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], Marks) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        let words = words
        return try await store.append(append) { events, transaction in
            try body(events, Marks(in: transaction, words))
        }
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (Marks) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        let words = words
        return try await store.move(checkpoint, to: position, changing: notes, ending: other) { transaction in
            try body(Marks(in: transaction, words))
        }
    }

    func transact(_ body: @escaping @Sendable (Marks) throws -> Void) async throws(EventStoreError) {
        let words = words
        try await store.transact { transaction in try body(Marks(in: transaction, words)) }
    }

    func prepare() async throws(EventStoreError) { try await store.transact(words.prepare) }
}
