import Skein
import SkeinSQLite

/// A call of a store, and the code of its error; nil if it ends well.
typealias Operation = @Sendable () async -> EventStoreError.Code?

extension TestDatabase {
    /// Runs operations in one transaction: they are sent while another program holds the database's lock.
    func together(
        _ store: SQLiteEventStore,
        _ operations: [Operation],
        unlockingAfter answered: Int = 0
    ) async throws -> [EventStoreError.Code?] {
        var answers = [EventStoreError.Code?](repeating: nil, count: operations.count)
        let unlock = try lock()
        try await withThrowingTaskGroup(of: (Int, EventStoreError.Code?).self) { group in
            // The first of them waits for the lock, the others for the first.
            group.addTask { [blocker = StreamID(aggregate: "test", id: "blocker")] in
                (-1, await code { () throws(EventStoreError) in try await store.append(command(9_999), to: blocker) })
            }
            for (index, operation) in operations.enumerated() {
                group.addTask { (index, await operation()) }
            }
            for _ in 0..<answered {
                if let (index, answer) = try await group.next(), index >= 0 { answers[index] = answer }
            }
            for _ in 0..<1_000 { await Task.yield() }
            try unlock()
            for try await (index, answer) in group where index >= 0 { answers[index] = answer }
        }
        return answers
    }
}
