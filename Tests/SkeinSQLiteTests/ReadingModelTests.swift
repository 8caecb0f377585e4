import Skein
import SkeinSQLite
import Testing

/// Reading read models beside the events.
@Suite struct ReadingModelTests {
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
    }

    private struct Wrong: Error, Hashable {}

    @Test func `a read model is read with one state of the database`() async throws {
        let store = try await database.open()
        try await store.transact { try $0.execute("CREATE TABLE total (events INTEGER); INSERT INTO total VALUES (0)") }
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for number in 0..<50 {
                    let appended = try? await store.append(
                        StreamAppend(stream: ada, commands: [command(UInt64(number))])
                    ) { events, transaction in
                        try transaction.execute("UPDATE total SET events = events + ?", SQLiteValue(events.count))
                    }
                    if appended == nil { return false }
                }
                return true
            }
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<50 {
                        let isRight = try? await store.read { reader in
                            let total = try reader.first("SELECT events FROM total")?.integer("events")
                            return try total == reader.first("SELECT count(*) FROM skein_events")?.integer(0)
                        }
                        if isRight != true { return false }
                    }
                    return true
                }
            }
            for await isRight in group { #expect(isRight) }
        }
        #expect(try await store.read { try $0.first("SELECT events FROM total")?.integer(0) } == 50)
        await store.close()
    }

    @Test(arguments: [
        "INSERT INTO a VALUES (1)", "DELETE FROM a", "CREATE TABLE b (x)", "CREATE TEMP TABLE b (x)", "BEGIN", "COMMIT",
        "PRAGMA query_only = 0", "ATTACH ':memory:' AS other", "DROP TABLE a",
    ])
    func `nothing can be written while reading`(_ sql: String) async throws {
        let store = try await database.open { $0.readerCount = 1 }
        try await store.transact { try $0.execute("CREATE TABLE a (x)") }
        do {
            _ = try await store.read { try $0.query(sql) }
            Issue.record("it was run")
        } catch let error as SQLiteQueryError {
            #expect(error.code == .refused)
        }
        #expect(try await store.read { try $0.query("SELECT x FROM a") } == [])
        #expect(try await store.head() == 0)
        await store.close()
    }

    @Test func `what a reading body throws comes out as it is, and a closed store is closed`() async throws {
        let store = try await database.open()
        await #expect(throws: Wrong()) { try await store.read { _ in throw Wrong() } }
        await store.close()
        do {
            try await store.read { _ in }
            Issue.record("it was run")
        } catch let error as EventStoreError {
            #expect(error.code == .closed)
        }
    }

    @Test func `a body runs again if its group must, and its marks are there once`() async throws {
        let store = try await database.open()
        try await store.transact { try $0.execute("CREATE TABLE a (x)") }
        // Found out by the unique index only, after others of the group have written.
        let foreign = CommandAppend(
            id: CommandID(high: 8, low: 1),
            outcome: .events([
                NewEvent(id: EventID(command: CommandID(high: 8, low: 1), ordinal: 0), name: "a", payload: []),
                NewEvent(id: command(1).events[0].id, name: "b", payload: []),
            ])
        )
        try await store.append(command(1), to: ada)
        var operations = (10..<20).map { number -> Operation in
            {
                await code { () throws(EventStoreError) in
                    try await store.append(command(number), to: ada) { _, transaction in
                        try transaction.execute("INSERT INTO a VALUES (1)")
                    }
                }
            }
        }
        operations.append {
            await code { () throws(EventStoreError) in try await store.append(foreign, to: bob) }
        }
        let answers = try await database.together(store, operations)
        #expect(answers == Array(repeating: nil, count: 10) + [.duplicateEvent(command(1).events[0].id)])
        #expect(try await store.read { try $0.query("SELECT x FROM a").count } == 10)
        #expect(try await store.version(of: ada) == 11)
        #expect(try await store.log().map(\.position) == Array(1...12))
        await store.close()
    }
}
