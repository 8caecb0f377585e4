import Foundation
import GRDB
import Skein
import SkeinSQLite
import SkeinTesting

extension EventStoreSubject {
    static let inMemory = EventStoreSubject("in memory", probe: .values(in: InMemoryEventStore.self)) {
        InMemoryEventStore()
    }

    static let inMemoryWithHardDelete = EventStoreSubject(
        "in memory, hard delete",
        capabilities: [.hardDelete],
        probe: .values(in: InMemoryEventStore.self)
    ) {
        InMemoryEventStore(allowsHardDelete: true)
    }

    static let sqlite = EventStoreSubject("SQLite", capabilities: [.reopening, .holdingWriters], probe: .table) {
        try SQLitePlace(allowsHardDelete: false)
    }

    static let sqliteWithHardDelete = EventStoreSubject(
        "SQLite, hard delete",
        capabilities: [.reopening, .holdingWriters, .hardDelete],
        probe: .table
    ) {
        try SQLitePlace(allowsHardDelete: true)
    }

    /// The only one at hand that can be open several times at once.
    static let sharedMemory = EventStoreSubject(
        "shared memory",
        capabilities: [.reopening, .severalHandles, .hardDelete],
        probe: .values(in: SharedMemoryStore.self)
    ) {
        SharedMemory()
    }
}

extension TransactionProbe {
    static func values<Store: TransactionalEventStore>(in store: Store.Type) -> TransactionProbe
    where Store.Transaction == InMemoryTransaction {
        TransactionProbe(
            of: store,
            mark: { mark, transaction in
                try transaction.set((transaction.value([String].self, of: "marks") ?? []) + [mark], of: "marks")
            },
            marks: { transaction in try transaction.value([String].self, of: "marks") ?? [] }
        )
    }

    static let table = TransactionProbe(
        of: SQLiteEventStore.self,
        prepare: { try $0.execute("CREATE TABLE IF NOT EXISTS marks (mark TEXT NOT NULL) STRICT") },
        mark: { try $1.execute("INSERT INTO marks (mark) VALUES (?)", .text($0)) },
        marks: { transaction in
            try transaction.query("SELECT mark FROM marks").compactMap { row throws in try row.text("mark") }
        },
        fail: { try $0.execute("INSERT INTO marks (mark) VALUES (NULL)") }
    )
}

/// A folder of its own with a database in it.
struct SQLitePlace: EventStorePlace {
    private let folder: String
    private let configuration: SQLiteConfiguration
    private var path: String { folder + "/test.sqlite" }

    init(allowsHardDelete: Bool) throws {
        folder = FileManager.default.temporaryDirectory.path + "/skein-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var configuration = SQLiteConfiguration()
        configuration.allowsHardDelete = allowsHardDelete
        configuration.busyTimeout = .seconds(30)
        self.configuration = configuration
    }

    func open() async throws -> any EventStore {
        try await SQLiteEventStore(path: path, configuration: configuration)
    }

    /// Takes the lock for writing as another program would.
    func holdWriters() async throws -> @Sendable () async throws -> Void {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(5)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try await queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        return { try queue.close() }
    }

    func remove() async throws {
        try FileManager.default.removeItem(atPath: folder)
    }
}
