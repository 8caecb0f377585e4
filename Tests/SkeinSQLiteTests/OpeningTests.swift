import Foundation
import GRDB
import Skein
import SkeinSQLite
import Testing

@Suite struct OpeningTests {
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
    }

    private func refusal(at path: String) async -> EventStoreError? {
        do throws(EventStoreError) {
            await (try SQLiteEventStore(path: path)).close()
            return nil
        } catch {
            return error
        }
    }

    @Test func `a new file is a store at once, and its settings are those that were promised`() async throws {
        let store = try await database.open()
        #expect(try await store.head() == 0)
        try database.withDatabase { database in
            #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "wal")
            let loose = try String.fetchAll(
                database,
                sql: "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0"
            )
            #expect(loose.filter { $0.hasPrefix("skein_") }.isEmpty)
        }
        await store.close()
    }

    @Test func `events survive closing and opening again`() async throws {
        let first = try await database.open()
        try await first.append(command(1, events: 3), to: ada)
        await first.close()
        let second = try await database.open()
        #expect(try await second.events(of: ada).map(\.version) == [1, 2, 3])
        #expect(try await second.append(command(2), to: ada, expecting: .exactly(3)).receipt?.position == 4)
        await second.close()
    }

    @Test func `a store that is let go of without closing frees its file`() async throws {
        for round in 1...20 {
            let store = try await database.open()
            try await store.append(command(UInt64(round)), to: ada, expecting: .exactly(Int64(round - 1)))
        }
        let store = try await database.open()
        #expect(try await store.version(of: ada) == 20)
        await store.close()
    }

    @Test func `a second store in the same process is refused with the process's own id`() async throws {
        let store = try await database.open()
        let own = ProcessInfo.processInfo.processIdentifier
        #expect(await code { () throws(EventStoreError) in _ = try await database.open() } == .inUse(processID: own))
        let link = database.folder + "/link.sqlite"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: database.path)
        #expect(await refusal(at: link)?.code == .inUse(processID: own))
        await store.close()
        #expect(await code { () throws(EventStoreError) in _ = try await database.open() } == nil)
    }

    @Test func `a second process is refused with the id of the first, until that has ended`() async throws {
        await (try await database.open()).close()
        let holder = Process()
        holder.executableURL = URL(filePath: "/usr/bin/flock")
        // The shell takes the place of flock(1), so that its id is the id of the process that holds the lock.
        let script = "echo $$ > \"$0-host\"; echo ready; read line"
        holder.arguments = [
            "--no-fork", "--exclusive", database.path + "-host", "/bin/sh", "-c", script, database.path,
        ]
        let output = Pipe()
        let input = Pipe()
        holder.standardOutput = output
        holder.standardInput = input
        try holder.run()
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "ready\n")
        let refused = await refusal(at: database.path)
        #expect(refused?.code == .inUse(processID: holder.processIdentifier))
        #expect(refused?.message.contains("\(holder.processIdentifier)") == true)
        kill(holder.processIdentifier, SIGKILL)
        holder.waitUntilExit()
        #expect(await refusal(at: database.path) == nil)
    }

    @Test func `only the owner can read what a store writes`() async throws {
        let store = try await database.open()
        try await store.append(command(1), to: ada)
        for suffix in ["", "-wal", "-shm", "-host"] {
            #expect(try database.permissions(of: suffix) == 0o600, "\(suffix)")
        }
        await store.close()
    }

    @Test func `a directory, a read-only file, a foreign file and a missing folder are told apart`() async throws {
        let directory = await refusal(at: database.folder)
        #expect(directory?.code == .unreachable)
        #expect(directory?.message.contains("is a directory") == true)

        let missing = await refusal(at: database.folder + "/none/test.sqlite")
        #expect(missing?.code == .unreachable)
        #expect(missing?.message.contains("does not exist") == true)

        await (try await database.open()).close()
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: database.path)
        #expect(await refusal(at: database.path)?.code == .readOnly)

        for (name, content) in [("short", "abc"), ("long", String(repeating: "no database ", count: 1_000))] {
            let path = database.folder + "/" + name
            try Data(content.utf8).write(to: URL(filePath: path))
            let refused = await refusal(at: path)
            #expect(refused?.code == .corrupt, "\(name)")
            #expect(refused?.message.contains("not an SQLite database") == true, "\(name)")
            #expect(try Data(contentsOf: URL(filePath: path)) == Data(content.utf8), "it is left as it was")
        }
    }

    @Test func `a path that names no file is refused before anything is touched`() async {
        for path in ["", "a\u{0}b", ":memory:"] {
            guard case .invalidInput(let input) = await refusal(at: path)?.code else {
                Issue.record("accepted: \(path.debugDescription)")
                continue
            }
            #expect(input.field == "path")
            #expect((path == ":memory:") == input.reason.contains("InMemoryEventStore"))
        }
    }

    @Test func `settings out of range are refused`() async {
        let wrong: [(inout SQLiteConfiguration) -> Void] = [
            { $0.readerCount = 0 }, { $0.groupLimit = 0 }, { $0.queueLimit = 0 }, { $0.maximumPageCount = 0 },
            { $0.busyTimeout = .seconds(-1) }, { $0.scanLimit = -1 }, { $0.groupBytes = 0 },
        ]
        for change in wrong {
            let answer = await code { () throws(EventStoreError) in _ = try await database.open(change) }
            guard case .invalidInput = answer else {
                Issue.record("accepted")
                continue
            }
        }
    }

    @Test func `a schema newer than the code is refused, and left alone`() async throws {
        await (try await database.open()).close()
        try database.withDatabase { try $0.execute(sql: "INSERT INTO skein_schema (version) VALUES (99)") }
        let answer = await code { () throws(EventStoreError) in _ = try await database.open() }
        #expect(answer == .newerSchema(found: 99, supported: 2))
    }

    @Test func `a file with other tables takes a store, and migrating again changes nothing`() async throws {
        try database.withDatabase { database in
            try database.execute(sql: "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')")
        }
        let store = try await database.open()
        try await store.append(command(1), to: ada)
        try await store.migrate()
        try await store.migrate()
        #expect(try await store.head() == 1)
        let notes = try database.withDatabase { try String.fetchAll($0, sql: "SELECT text FROM notes") }
        #expect(notes == ["mine"])
        await store.close()
    }

    @Test func `a closed store answers every call with closed, and may be closed again`() async throws {
        let store = try await database.open()
        try await store.append(command(1), to: ada)
        async let one: Void = store.close()
        async let two: Void = store.close()
        _ = await (one, two)
        await store.close()
        #expect(await code { () throws(EventStoreError) in try await store.append(command(2), to: ada) } == .closed)
        #expect(await code { () throws(EventStoreError) in _ = try await store.head() } == .closed)
        #expect(await code { () throws(EventStoreError) in try await store.migrate() } == .closed)
        var signals = store.commits().makeAsyncIterator()
        #expect(await signals.next() == nil)
    }

    @Test func `closing finishes what was accepted`() async throws {
        let store = try await database.open()
        let stored = await withTaskGroup(of: Bool.self) { group in
            for number in 1...200 {
                group.addTask {
                    await code { () throws(EventStoreError) in
                        try await store.append(command(UInt64(number)), to: ada)
                    } == nil
                }
            }
            await store.close()
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        let reopened = try await database.open()
        #expect(try await reopened.head() == Int64(stored))
        await reopened.close()
    }
}
