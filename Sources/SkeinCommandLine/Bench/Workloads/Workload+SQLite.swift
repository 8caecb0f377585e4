import GRDB
import Skein
import SkeinSQLite

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Workload {
    static let sqlite = Workload(
        name: "sqlite",
        summary: "64 senders to 1,000 aggregates on SQLite, synchronous=FULL"
    ) { setup in
        let one = try rawSQLite(eventsPerTransaction: 1, setup)
        let hundred = try rawSQLite(eventsPerTransaction: 100, setup)
        return [one, hundred, try await send(from: 64, to: 1_000, setup).against(hundred)]
    }

    static let sqliteOneSender = Workload(
        name: "sqlite-1",
        summary: "one sender to 1,000 aggregates on SQLite, synchronous=FULL"
    ) { setup in
        let one = try rawSQLite(eventsPerTransaction: 1, setup)
        return [one, try await send(from: 1, to: 1_000, setup).against(one)]
    }

    static let sqliteHot = Workload(
        name: "sqlite-hot",
        summary: "64 senders to one aggregate on SQLite, beside as many to 1,000 aggregates"
    ) { setup in
        let many = try await send(from: 64, to: 1_000, setup)
        return [many, try await send(from: 64, to: 1, setup).against(many)]
    }

    private static func send(from tasks: Int, to count: Int, _ setup: BenchSetup) async throws -> Figure {
        let store = try await SQLiteEventStore(path: setup.folder.newFile())
        let bus = CommandBus(store: store)
        let ids = Tally.ids(count)
        let figure = try await Load(tasks: tasks, seconds: setup.seconds).run(
            "send, \(tasks) sender\(tasks == 1 ? "" : "s") to \(count)"
        ) { task, number in
            try await bus.send(.add(amount: 1), to: ids[spread(task, number) % ids.count])
        }
        await store.close()
        return figure
    }

    /// SQLite with nothing around it: one connection, prepared statement, a narrow table with one index.
    private static func rawSQLite(eventsPerTransaction size: Int, _ setup: BenchSetup) throws -> Figure {
        let database = try DatabaseQueue(path: setup.folder.newFile())
        try database.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            try db.execute(
                sql: """
                    CREATE TABLE event (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
                        name TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (stream, version)) STRICT
                    """
            )
        }
        return try database.writeWithoutTransaction { db in
            let insert = try db.makeStatement(
                sql: "INSERT INTO event (stream, version, name, payload) VALUES (?, ?, 'added', ?)"
            )
            let payload = Array(#"{"amount":1}"#.utf8)
            let clock = ContinuousClock()
            let start = clock.now
            var count = 0
            while clock.now - start < .seconds(setup.seconds / 2) {
                try db.inTransaction(.immediate) {
                    for _ in 0..<size {
                        insert.setUncheckedArguments(["tally-\(count % 1_000)", count / 1_000, Data(payload)])
                        try insert.execute()
                        count += 1
                    }
                    return .commit
                }
            }
            let elapsed = Double((clock.now - start).nanoseconds) / 1e9
            return Figure(
                label: "bare SQLite, \(size) event\(size == 1 ? "" : "s") a commit",
                value: Double(count) / elapsed,
                unit: "events/s"
            )
        }
    }
}
