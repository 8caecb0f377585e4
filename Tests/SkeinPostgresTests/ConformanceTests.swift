import Foundation
import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting
import Synchronization
import Testing

/// One after the other: each has a store with connections and a schema of its own.
@Suite(.serialized) struct ConformanceTests {
    @Test(arguments: EventStoreConformance.cases(for: .postgres))
    func `the PostgreSQL store keeps the contract`(_ test: EventStoreConformance.Test) async throws {
        try await test.run()
    }

    @Test(arguments: EventStoreConformance.cases(for: .postgresWithHardDelete))
    func `the PostgreSQL store that may delete for good keeps the contract`(
        _ test: EventStoreConformance.Test
    ) async throws {
        try await test.run()
    }

    @Test(arguments: [
        (EventStoreSubject.postgres, ["deleting for good", "opening again"]),
        (.postgresWithHardDelete, ["deleting for good"]),
    ])
    func `it is known what is not run`(_ subject: EventStoreSubject, _ topics: [String]) {
        let notRun = EventStoreConformance.casesNotRun(on: subject)
        #expect(Set(notRun.map(\.case.topic)).sorted() == topics)
        #expect(EventStoreConformance.cases.count - notRun.count > 290)
    }
}

extension EventStoreSubject {
    static let postgres = EventStoreSubject(
        "PostgreSQL",
        capabilities: [.reopening, .severalHandles, .holdingWriters],
        probe: .postgres
    ) {
        try await PostgresPlace(allowsHardDelete: false)
    }

    static let postgresWithHardDelete = EventStoreSubject(
        "PostgreSQL, hard delete",
        capabilities: [.reopening, .severalHandles, .holdingWriters, .hardDelete],
        probe: .postgres
    ) {
        try await PostgresPlace(allowsHardDelete: true)
    }
}

extension TransactionProbe {
    /// Keeps marks in a table, which lands in the store's schema.
    static let postgres = TransactionProbe(
        of: PostgresEventStore.self,
        prepare: { try $0.execute("CREATE TABLE IF NOT EXISTS marks (mark text NOT NULL)") },
        mark: { mark, transaction in try transaction.execute("INSERT INTO marks VALUES ($1)", .text(mark)) },
        marks: { transaction in
            try transaction.query("SELECT mark FROM marks").compactMap { row in try row.text("mark") }
        },
        fail: { try $0.execute("INSERT INTO marks VALUES (NULL)") }
    )
}

/// A schema on the server that all tests share, which no other test uses at the same time.
struct PostgresPlace: EventStorePlace {
    private static let database = Task { try await PostgresServer.shared.makeDatabase() }
    /// Schemas that a test has left, emptied: making one takes longer than most tests.
    private static let free = Mutex<(schemas: [String], count: Int)>(([], 0))

    private let connection: String
    private let configuration: PostgresConfiguration

    init(allowsHardDelete: Bool) async throws {
        connection = try await PostgresServer.shared.connection(to: Self.database.value)
        configuration = .test { configuration in
            configuration.allowsHardDelete = allowsHardDelete
            // Both ways of committing keep the contract; a subject for each would take twice as long.
            configuration.groupsTakeTurns = allowsHardDelete
            configuration.connectionCount = 2
            configuration.schema = Self.free.withLock { free in
                if let schema = free.schemas.popLast() { return schema }
                free.count += 1
                return "place \(free.count)"
            }
        }
    }

    func open() async throws -> any EventStore {
        try await PostgresEventStore(connection, configuration: configuration)
    }

    /// Locks the row that every writer needs.
    func holdWriters() async throws -> @Sendable () async throws -> Void {
        let session = try await PostgresSession.connect(connection)
        try await session.run("BEGIN; SELECT FROM \"\(configuration.schema)\".head FOR UPDATE")
        return { try await session.run("ROLLBACK") }
    }

    func remove() async throws {
        let session = try await PostgresSession.connect(connection)
        try await session.run(
            """
            SET search_path TO "\(configuration.schema)";
            SET session_replication_role TO replica;
            DELETE FROM events;
            DELETE FROM commands;
            DELETE FROM deleted_streams;
            DELETE FROM snapshots;
            DELETE FROM checkpoints;
            DELETE FROM notes;
            DROP TABLE IF EXISTS marks;
            UPDATE head SET position = 0, deletions = 0;
            """
        )
        Self.free.withLock { $0.schemas.append(configuration.schema) }
    }
}
