import Skein
import SkeinPostgres
import SkeinTesting
import Synchronization

/// Passes everything on to a store, and notes appends whose outcome was unknown and what became of them.
final class WatchedStore: TransactionalEventStoreDecorator {
    typealias Transaction = PostgresTransaction

    let base: any EventStore
    private let note: @Sendable (String) -> Void
    private let open = Mutex<Set<CommandID>>([])

    init(_ base: PostgresEventStore, note: @escaping @Sendable (String) -> Void) {
        self.base = base
        self.note = note
    }

    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        try await watching(append) { () async throws(EventStoreError) in try await base.append(append) }
    }

    func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], PostgresTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        try await watching(append) { () async throws(EventStoreError) in
            try await transactionalBase.append(append, running: body)
        }
    }

    /// Notes what an append came to.
    private func watching(
        _ append: StreamAppend,
        _ result: () async throws(EventStoreError) -> AppendResult
    ) async throws(EventStoreError) -> AppendResult {
        do throws(EventStoreError) {
            let result = try await result()
            switch result {
            case .stored: resolve(append, as: .notStored)
            case .known: resolve(append, as: .stored)
            }
            return result
        } catch {
            switch error.code {
            case .outcomeUnknown:
                if let id = append.commands.first?.id, open.withLock({ $0.insert(id).inserted }) {
                    note("\(UnknownNote.unknown.rawValue) \(error)")
                }
            case .conflict, .streamDeleted, .duplicateEvent: resolve(append, as: .notStored)
            default: note("append failed: \(error)")
            }
            throw error
        }
    }

    private func resolve(_ append: StreamAppend, as note: UnknownNote) {
        guard let id = append.commands.first?.id, open.withLock({ $0.remove(id) }) != nil else { return }
        self.note(note.rawValue)
    }
}

/// How a history's notes begin that tell of appends with an unknown outcome.
enum UnknownNote: String, CaseIterable {
    case unknown = "append unknown:"
    case stored = "append resolved: it was stored"
    case notStored = "append resolved: it was not stored"
}
