import PostgresServer
import Skein
import SkeinPostgres
import Testing

/// Leases that several processes ask one database for.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct LeaseTests {
    private let place: TestStore

    init() async throws {
        place = try await TestStore()
    }

    // Behaviour case 99.
    @Test func `of owners that race for a lease one gets it, and the others hear who`() async throws {
        let stores = [try await place.open(), try await place.open()]
        for round in 0..<15 {
            let answers = try await withThrowingTaskGroup(of: (String, LeaseAnswer).self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let owner = "owner \(number)"
                        let store = stores[number % 2]
                        return (owner, try await store.acquireLease(on: "\(round)", for: owner, lasting: .seconds(60)))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = answers.filter { if case .acquired = $0.1 { true } else { false } }
            #expect(winners.count == 1)
            let winner = try #require(winners.first)
            let first = Checkpoint(subscription: "\(round)", position: 0, epoch: 1)
            #expect(winner.1 == .acquired(first, wasReleased: true))
            for (_, answer) in answers {
                guard case .held(let holder, let remaining) = answer else { continue }
                #expect(holder == winner.0)
                #expect(remaining > .zero && remaining <= .seconds(60))
            }
        }
        for store in stores { await store.close() }
    }

    // Behaviour case 99.
    @Test func `a lease that has run out by the server's clock is taken over by one of those that race`() async throws {
        // Clocks of their own, which do not agree and never go on.
        let first = try await place.open { $0.time = StoppedTime(microseconds: 0) }
        let second = try await place.open { $0.time = StoppedTime(microseconds: 4_000_000_000_000_000) }
        _ = try await second.checkpoint(of: "view")
        let answer = try await first.acquireLease(on: "view", for: "a", lasting: .seconds(2))
        guard case .acquired(let old, _) = answer else {
            Issue.record("the first owner did not get it")
            return
        }
        let early = try await second.acquireLease(on: "view", for: "b", lasting: .seconds(60))
        guard case .held(by: "a", let remaining) = early, remaining <= .seconds(2) else {
            Issue.record("\(early)")
            return
        }
        let session = try await place.session()
        #expect(try await session.wait(until: "(SELECT lease_end < clock_timestamp() FROM skein.checkpoints)"))
        // One that has run out and that nobody took over goes on.
        try await first.renewLease(of: old, lasting: .milliseconds(50))
        #expect(try await session.wait(until: "(SELECT lease_end < clock_timestamp() FROM skein.checkpoints)"))
        async let one = second.acquireLease(on: "view", for: "b", lasting: .seconds(60))
        async let other = first.acquireLease(on: "view", for: "c", lasting: .seconds(60))
        let answers = try await [one, other]
        let next = Checkpoint(subscription: "view", position: 0, epoch: old.epoch + 1)
        #expect(answers.count { $0 == .acquired(next, wasReleased: false) } == 1)
        #expect(answers.count { if case .held = $0 { true } else { false } } == 1)
        let moved = await failure { () async throws(EventStoreError) in _ = try await first.move(old, to: 1) }
        #expect(moved?.code == .checkpointFenced)
        let renewed = await failure { () async throws(EventStoreError) in
            try await first.renewLease(of: old, lasting: .seconds(1))
        }
        #expect(renewed?.code == .checkpointFenced)
        await first.close()
        await second.close()
    }

    // Behaviour case 99.
    @Test func `of owners that race for leases that have run out one gets each`() async throws {
        let stores = [try await place.open(), try await place.open()]
        let session = try await place.session()
        for round in 0..<15 {
            _ = try await stores[0].acquireLease(on: "\(round)", for: "before", lasting: .microseconds(1))
            let answers = try await withThrowingTaskGroup(of: LeaseAnswer.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let owner = "owner \(number)"
                        return try await stores[number % 2].acquireLease(
                            on: "\(round)",
                            for: owner,
                            lasting: .seconds(60)
                        )
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let next = Checkpoint(subscription: "\(round)", position: 0, epoch: 2)
            #expect(answers.count { $0 == .acquired(next, wasReleased: false) } == 1)
            #expect(answers.count { if case .held = $0 { true } else { false } } == 7)
        }
        #expect(try await session.value("SELECT max(epoch) FROM skein.checkpoints") == "2")
        for store in stores { await store.close() }
    }

    @Test func `a lease outlives the store that took it`() async throws {
        let first = try await place.open()
        _ = try await first.acquireLease(on: "view", for: "a", lasting: .seconds(60))
        await first.close()
        let second = try await place.open()
        guard case .held(by: "a", _) = try await second.acquireLease(on: "view", for: "b", lasting: .seconds(60)) else {
            Issue.record("somebody else has got it")
            return
        }
        await second.close()
    }

    @Test func `who changes the same notes at the same time in another order does not wait for ever`() async throws {
        let stores = [try await place.open(), try await place.open()]
        let notes = (0..<40).map { SubscriptionNote(topic: "parked", key: Int64($0), content: [1]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 {
                group.addTask {
                    let changes: [NoteChange] = notes.map { note in
                        note.key % 3 == Int64(number % 3) ? .drop(topic: note.topic, key: note.key) : .keep(note)
                    }
                    try await stores[number % 2].change(number % 4 < 2 ? changes : changes.reversed(), of: "view")
                }
            }
            try await group.waitForAll()
        }
        for store in stores { await store.close() }
    }

    @Test func `people can read notes`() async throws {
        let store = try await place.open()
        try await store.change(
            [
                .keep(SubscriptionNote(topic: "parked", key: 7, content: Array(#"{"tries":3}"#.utf8))),
                .keep(SubscriptionNote(topic: "raw", key: 8, content: [0, 255])),
            ],
            of: "view"
        )
        let rows = try await place.session().run(
            "SELECT key, content ->> 'tries', content_text, bytes FROM skein.readable_notes ORDER BY key"
        )
        #expect(rows == [["7", "3", #"{"tries":3}"#, "11"], ["8", nil, nil, "2"]])
        await store.close()
    }

    @Test func `a schema of version 2 is brought up to date with its checkpoints`() async throws {
        let before = try await place.open()
        let claimed = try await before.claimCheckpoint(of: "view")
        _ = try await before.move(claimed, to: 5)
        try await before.append(command(1), to: ada)
        await before.close()
        let session = try await place.session()
        try await session.run(
            """
            SET search_path TO skein;
            DROP FUNCTION acquire_lease, change_notes, move_checkpoint, delete_checkpoint;
            DROP VIEW readable_notes;
            DROP TABLE notes;
            ALTER TABLE checkpoints DROP COLUMN lease_owner, DROP COLUMN lease_end;
            DELETE FROM schema_versions WHERE version > 2
            """
        )
        let refused = await failure { () async throws(EventStoreError) in
            _ = try await place.open { $0.migratesOnOpening = false }
        }
        #expect(refused?.code == .notMigrated)
        let store = try await place.open()
        let next = Checkpoint(subscription: "view", position: 5, epoch: claimed.epoch + 1)
        let answer = try await store.acquireLease(on: "view", for: "a", lasting: .seconds(60))
        #expect(answer == .acquired(next, wasReleased: true))
        #expect(try await store.log().count == 1)
        #expect(try await session.value("SELECT max(version) FROM schema_versions") == "3")
        await store.close()
    }
}

private struct StoppedTime: TimeSource {
    let microseconds: Int64

    func now() -> Timestamp { Timestamp(microseconds: microseconds) }

    func uptime() -> Duration { .zero }

    func sleep(for duration: Duration) async throws {}
}
