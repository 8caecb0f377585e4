import Foundation
import Skein
import SkeinSQLite
import Testing

/// The stores that the core is tested on. That they keep the contract is tested by `EventStoreConformance`.
enum StoreKind: CaseIterable, CustomTestStringConvertible {
    case inMemory, sqlite

    var testDescription: String { "\(self)" }

    /// Runs a test on an empty store, which is closed and removed afterwards.
    func with(
        limits: EventStoreLimits = EventStoreLimits(),
        _ body: (any EventStore) async throws -> Void
    ) async throws {
        switch self {
        case .inMemory:
            try await run(InMemoryEventStore(limits: limits), body)
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: "skein-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            var configuration = SQLiteConfiguration()
            configuration.limits = limits
            let path = folder.appending(path: "test.sqlite").path
            try await run(SQLiteEventStore(path: path, configuration: configuration), body)
        }
    }

    private func run(_ store: some EventStore, _ body: (any EventStore) async throws -> Void) async throws {
        try await store.migrate()
        do {
            try await body(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
    }
}
