import PostgresServer
import Skein
import SkeinPostgres
import Testing

/// Groups that take turns: what comes while one is at the server, and what becomes of it when that one fails.
@Suite(.timeLimit(.minutes(1)))
struct TurnTests {
    private typealias Outcome = Result<AppendResult, EventStoreError>

    private let place: TestStore
    private let store: PostgresEventStore

    init() async throws {
        place = try await TestStore()
        store = try await place.open { $0.groupsTakeTurns = true }
        try await store.append(command(1), to: ada)
        try await store.append(command(2), to: bob)
    }

    private static func append(_ append: StreamAppend, to store: PostgresEventStore) async -> Outcome {
        do throws(EventStoreError) {
            return .success(try await store.append(append))
        } catch {
            return .failure(error)
        }
    }

    /// Lets an append wait at the server and others come after it, until a closure lets go of the writers' lock.
    private func hold(
        _ first: StreamAppend,
        then others: [StreamAppend],
        release: (PostgresSession) async throws -> Void
    ) async throws -> (first: Outcome, others: [Outcome]) {
        let holder = try await place.session()
        try await holder.run("BEGIN; SELECT FROM skein.head FOR UPDATE")
        let store = store
        let held = Task { await Self.append(first, to: store) }
        #expect(try await place.session().wait(until: TestStore.isWaiting(1)))
        let waiting = others.map { other in Task { await Self.append(other, to: store) } }
        try await release(holder)
        var outcomes: [Outcome] = []
        for task in waiting { outcomes.append(await task.value) }
        return (await held.value, outcomes)
    }

    private func stream(_ id: some CustomStringConvertible) -> StreamID {
        StreamID(aggregate: "account", id: "\(id)")
    }

    @Test func `appends that come while a group is stored follow in its streams without a gap`() async throws {
        let others = [
            StreamAppend(stream: ada, commands: [command(4)]),
            StreamAppend(stream: bob, expecting: .exactly(1), commands: [command(5)]),
            // The command that is being stored, in another stream.
            StreamAppend(stream: stream("eve"), commands: [command(3)]),
        ]
        let (first, rest) = try await hold(
            StreamAppend(stream: ada, expecting: .exactly(1), commands: [command(3)]),
            then: others
        ) { holder in
            try await holder.run("COMMIT")
        }
        #expect(try first.get().receipt?.version == 2)
        #expect(try rest[0].get().receipt?.version == 3)
        #expect(try rest[1].get().receipt?.version == 2)
        #expect(try rest[2].get().known?.map(\.id) == [command(3).id])
        let log = try await store.log()
        #expect(log.map(\.position) == [1, 2, 3, 4, 5])
        #expect(log.filter { $0.stream == ada }.map(\.version) == [1, 2, 3])
    }

    @Test func `a connection that breaks leaves those unknown that were sent, and nobody else`() async throws {
        let sent = StreamAppend(stream: ada, expecting: .exactly(1), commands: [command(3)])
        let numbers: ClosedRange<UInt64> = 4...12
        let (first, rest) = try await hold(
            sent,
            then: numbers.map { StreamAppend(stream: stream($0), commands: [command($0)]) }
        ) { holder in
            let ended = try await holder.run(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """
            )
            #expect(ended.count == 1)
            try await holder.run("COMMIT")
        }
        guard case .failure(let error) = first else {
            Issue.record("the append was stored over a connection that broke")
            return
        }
        #expect(error.code == .outcomeUnknown)
        for outcome in rest { #expect(try outcome.get().receipt?.version == 1) }
        #expect(try await store.append(sent).receipt?.version == 2)
        #expect(try await store.log().map(\.position) == Array(1...12))
    }

    @Test func `a stream that another process was first in fails nobody else in the group`() async throws {
        let (first, rest) = try await hold(
            StreamAppend(stream: ada, expecting: .exactly(1), commands: [command(3)]),
            then: [
                StreamAppend(stream: bob, expecting: .exactly(1), commands: [command(4)]),
                StreamAppend(stream: stream("eve"), expecting: .noStream, commands: [command(5)]),
            ]
        ) { holder in
            try await holder.run(
                """
                INSERT INTO skein.events (position, version, fingerprint, recorded_at, id, command, schema_version,
                    aggregate, aggregate_id, name, payload)
                SELECT max(position) + 1, 2, 0, now(), gen_random_uuid(), gen_random_uuid(), 1, 'account', 'bob',
                    'foreign', '{}'
                FROM skein.events;
                COMMIT
                """
            )
        }
        #expect(try first.get().receipt?.position == 4)
        guard case .failure(let error) = rest[0] else {
            Issue.record("the version was taken twice")
            return
        }
        #expect(error.code == .conflict(expected: .exactly(1), actual: 2))
        #expect(try rest[1].get().receipt?.version == 1)
        #expect(try await store.log().map(\.position) == [1, 2, 3, 4, 5])
    }
}
