import PostgresServer
import Skein
import Testing

@testable import SkeinPostgres

/// When an append may take the log to end where the last one ended it.
@Suite(.timeLimit(.minutes(1)))
struct LogEndTests {
    @Test func `the end is known after an append, under its number of deletions`() {
        var end = LogEnd()
        #expect(end.position(under: 0) == nil)
        end.note(7, then: 9, deletions: 0)
        #expect(end.position(under: 0) == 9)
        #expect(end.position(under: 1) == nil)
        end.forget()
        #expect(end.position(under: 0) == nil)
    }

    @Test func `after it was wrong, it must be right more and more often before it is relied on`() {
        var end = LogEnd()
        for needed: Int64 in [4, 8, 16, 32, 64, 128, 256, 512, 1_024] {
            end.wasWrong()
            end.note(0, then: 1, deletions: 0)
            for position in 1...needed {
                #expect(end.position(under: 0) == nil)
                end.note(position, then: position + 1, deletions: 0)
            }
            #expect(end.position(under: 0) == needed + 1)
        }
        // It was right that often: what was wrong before is forgotten.
        end.note(5_000, then: 5_001, deletions: 0)
        #expect(end.position(under: 0) == 5_001)
    }

    @Test func `another process's append in between counts anew`() {
        var end = LogEnd()
        end.wasWrong()
        for position: Int64 in 0..<4 { end.note(position, then: position + 1, deletions: 0) }
        end.note(9, then: 10, deletions: 0)
        for position: Int64 in 10..<14 {
            #expect(end.position(under: 0) == nil)
            end.note(position, then: position + 1, deletions: 0)
        }
        #expect(end.position(under: 0) == 14)
    }

    @Test func `two processes that append in turn leave no gap`() async throws {
        let place = try await TestStore()
        let stores = [try await place.open(), try await place.open()]
        for number: UInt64 in 1...60 {
            // One, two or three in a row by each.
            let store = stores[Int(number / (1 + number % 3)) % 2]
            try await store.append(command(number), to: number.isMultiple(of: 2) ? ada : bob)
        }
        let log = try await stores[0].log()
        #expect(log.map(\.position) == Array(1...60))
        for stream in [ada, bob] { #expect(log.filter { $0.stream == stream }.map(\.version) == Array(1...30)) }
    }

    @Test func `a command without an id of the sender's is known too, if something was kept of it`() async throws {
        let place = try await TestStore()
        let store = try await place.open()
        try await store.append(command(1), to: ada)
        let kept = CommandAppend(id: command(2).id, fingerprint: 1, outcome: .nothing)
        try await store.append(kept, to: ada)
        var repeated = command(2)
        repeated.fingerprint = 0
        #expect(try await store.append(repeated, to: ada).known?.map(\.id) == [repeated.id])
        #expect(try await store.log().count == 1)
    }

    /// A standby that takes over may lack what was acknowledged last.
    private func loseLastEvent(of place: TestStore) async throws -> PostgresEventStore {
        let store = try await place.open()
        for number: UInt64 in 1...3 { try await store.append(command(number), to: ada) }
        try await place.session().run(
            """
            SET session_replication_role = replica;
            DELETE FROM skein.events WHERE position = 3;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid();
            """
        )
        return store
    }

    @Test func `what a server has lost is not passed over`() async throws {
        let store = try await loseLastEvent(of: try await TestStore())
        let append = StreamAppend(stream: bob, expecting: .noStream, commands: [command(4)])
        #expect(try await store.appendUntilKnown(append).receipt?.position == 3)
    }

    @Test func `what a server has lost is not taken for stored`() async throws {
        let store = try await loseLastEvent(of: try await TestStore())
        let append = StreamAppend(stream: ada, expecting: .exactly(3), commands: [command(4)])
        let error = await failure { () async throws(EventStoreError) in _ = try await store.appendUntilKnown(append) }
        #expect(error?.code == .conflict(expected: .exactly(3), actual: 2))
        try await store.append(command(5), to: ada)
        #expect(try await store.log().map(\.version) == [1, 2, 3])
    }
}
