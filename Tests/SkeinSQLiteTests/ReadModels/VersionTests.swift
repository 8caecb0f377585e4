import Skein
import SkeinSQLite
import SkeinTesting
import Testing

/// Versions of a read model with other tables than the one before, which come and go.
@Suite(.timeLimit(.minutes(1)))
struct VersionTests {
    private let database: TestDatabase
    private let store: SQLiteEventStore

    init() async throws {
        database = try TestDatabase()
        store = try await database.open()
    }

    private func bus(_ projection: Names) -> CommandBus {
        let failure = FailurePolicy(retry: .stopAtOnce)
        return CommandBus(store: store) { Subscription(projection, batches: BatchSize(1), failure: failure) }
    }

    /// Four events that version 1 has handled.
    private func prepare() async throws {
        let first = bus(Names(version: 1, table: "names"))
        for _ in 0..<4 { try await first.send(.sign, to: Guestbook.ID("hall")) }
        try await first.whileRunning {
            try await first.wait(for: "names", toReach: 4, within: .seconds(20))
        }
        #expect(try await relations() == ["names", "names__1"])
    }

    /// Everything in the database that is a version's.
    private func relations() async throws -> [String?] {
        try await store.read { (reader: SQLiteReader) throws -> [String?] in
            try reader.query(
                "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name GLOB '*names*' ORDER BY 1"
            ).map { row in try row.text(0) }
        }
    }

    private func superseded(_ body: () async throws -> Void) async -> ProjectionSuperseded? {
        do {
            try await body()
        } catch RebuildError.stopped(.handlerFailed(_, _, let cause)) {
            return cause as? ProjectionSuperseded
        } catch {
            Issue.record(error)
        }
        return nil
    }

    @Test func `tables that a version has no more go when it takes the other one's place`() async throws {
        try await prepare()
        try await bus(Names(version: 2, table: "new_names")).rebuild("names")
        #expect(try await relations() == ["new_names", "new_names__2"])
        await store.close()
    }

    @Test func `what was begun for a version and given up for a later one is taken away`() async throws {
        try await prepare()
        let second = bus(Names(version: 2, table: "other_names", refusing: 3))
        await #expect(throws: RebuildError.self) { try await second.rebuild("names") }
        #expect(try await relations() == ["names", "names__1", "other_names__2"])
        let third = bus(Names(version: 3, table: "new_names"))
        try await third.rebuild("names")
        #expect(try await relations() == ["new_names", "new_names__3"])
        #expect(await superseded { try await second.rebuild("names") }?.live == 3)
        await store.close()
    }

    @Test func `nobody fills tables that are being filled for a later version`() async throws {
        try await prepare()
        let third = bus(Names(version: 3, table: "new_names", refusing: 3))
        await #expect(throws: RebuildError.self) { try await third.rebuild("names") }
        let second = bus(Names(version: 2, table: "other_names"))
        #expect(await superseded { try await second.rebuild("names") }?.live == 3)
        #expect(try await relations() == ["names", "names__1", "new_names__2"])
        try await bus(Names(version: 3, table: "new_names")).rebuild("names")
        #expect(try await relations() == ["new_names", "new_names__2"])
        await store.close()
    }
}

/// A row for each event, in a table of any name.
private struct Names: Projection {
    let name = "names"
    let version: Int
    let tables: [String]
    /// A position whose event it cannot stand.
    private let refusing: Int64?

    init(version: Int, table: String, refusing: Int64? = nil) {
        self.version = version
        tables = [table]
        self.refusing = refusing
    }

    func makeTables(_ context: ProjectionContext<SQLiteTransaction>) throws {
        for table in tables {
            try context.transaction.execute(
                "CREATE TABLE \(context.table(table)) (position INTEGER PRIMARY KEY) STRICT"
            )
        }
    }

    var handlers: [Project<SQLiteTransaction>] {
        [
            Project(Guestbook.self) { event, context in
                guard event.position != refusing else { throw InvalidInput(field: "position", reason: "refused") }
                for table in tables {
                    try context.transaction.execute(
                        "INSERT INTO \(context.table(table)) VALUES (?)",
                        .integer(event.position)
                    )
                }
            }
        ]
    }
}

private struct Guestbook: Aggregate {
    enum Command { case sign }
    enum Event: DomainEvent { case signed }

    func decide(_ command: Command) throws(Never) -> [Event] { [.signed] }

    mutating func apply(_ event: Event) {}
}
