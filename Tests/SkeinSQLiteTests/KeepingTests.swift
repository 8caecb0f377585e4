import Skein
import SkeinSQLite
import Testing

@Suite struct KeepingTests {
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
    }

    @Test func `outcomes, snapshots, checkpoints and soft deletes survive opening again`() async throws {
        let first = try await database.open()
        let rejected = CommandAppend(id: CommandID(high: 1, low: 1), fingerprint: .max, outcome: .rejection([]))
        let fine = CommandAppend(id: CommandID(high: 1, low: 2), fingerprint: 5, outcome: .nothing)
        let own = CommandAppend(
            id: CommandID(high: 1, low: 3),
            outcome: .events((0..<3).map { NewEvent(id: EventID(high: 9, low: $0), name: "imported", payload: []) })
        )
        try await first.append([command(1, events: 2), rejected, fine, own], to: ada)
        try await first.append(command(4, events: 2), to: bob)
        let snapshot = Snapshot(stream: ada, version: 5, shapeVersion: 1, payload: [1, 2])
        try await first.save(snapshot)
        let claimed = try await first.claimCheckpoint(of: "balances")
        let moved = try await first.move(claimed, to: 4)
        try await first.delete(bob, mode: .soft, expecting: .any)
        let ids = [command(1).id, rejected.id, fine.id, own.id, command(4).id]
        var before: [KnownCommand?] = []
        for id in ids { before.append(try await first.outcome(of: id)) }
        await first.close()

        let second = try await database.open()
        for (id, known) in zip(ids, before) { #expect(try await second.outcome(of: id) == known) }
        #expect(before[0]?.outcome == .events(Array(try await second.events(of: ada).prefix(2))))
        #expect(before[1]?.outcome == .rejection([]))
        #expect(before[1]?.fingerprint == .max)
        #expect(before[2]?.outcome == .nothing)
        #expect(before[3]?.outcome == .events(Array(try await second.events(of: ada).suffix(3))))
        #expect(before[4]?.position == 7)
        #expect(try await second.append(rejected, to: bob).known?.map(\.id) == [rejected.id])
        #expect(try await second.snapshot(of: ada) == snapshot)
        #expect(try await second.checkpoint(of: "balances") == moved)
        #expect(
            await code { () throws(EventStoreError) in try await second.append(command(5), to: bob) } == .streamDeleted
        )
        #expect(try await second.log().count == 7)
        await second.close()
    }

    @Test func `deleting for good forgets the stream's outcomes and snapshot, and nobody else's`() async throws {
        let store = try await database.open { $0.allowsHardDelete = true }
        let fine = CommandAppend(id: CommandID(high: 1, low: 2), fingerprint: 5, outcome: .nothing)
        let other = CommandAppend(id: CommandID(high: 1, low: 3), fingerprint: 5, outcome: .nothing)
        try await store.append([command(1), fine], to: ada)
        try await store.append([command(2), other], to: bob)
        try await store.save(Snapshot(stream: ada, version: 1, shapeVersion: 1, payload: []))
        try await store.delete(ada, mode: .hard, expecting: .exactly(1))
        #expect(try await store.outcome(of: fine.id) == nil)
        #expect(try await store.outcome(of: command(1).id) == nil)
        #expect(try await store.snapshot(of: ada) == nil)
        #expect(try await store.outcome(of: other.id)?.outcome == .nothing)
        #expect(try await store.outcome(of: command(2).id)?.position == 2)
        #expect(try await store.append(command(1), to: ada, expecting: .noStream).receipt?.version == 1)
        await store.close()
    }

    @Test func `deleting for good is refused where it was not allowed`() async throws {
        let store = try await database.open()
        try await store.append(command(1), to: ada)
        let answer = await code { () throws(EventStoreError) in
            try await store.delete(ada, mode: .hard, expecting: .any)
        }
        #expect(answer == .permission)
        await store.close()
    }

    @Test func `an older owner's checkpoint is fenced off`() async throws {
        let store = try await database.open()
        let old = try await store.claimCheckpoint(of: "balances")
        let new = try await store.claimCheckpoint(of: "balances")
        #expect(new.epoch == old.epoch + 1)
        #expect(await code { () throws(EventStoreError) in _ = try await store.move(old, to: 1) } == .checkpointFenced)
        #expect(try await store.move(new, to: 3).position == 3)
        try await store.deleteCheckpoint(of: "balances")
        #expect(try await store.checkpoint(of: "balances") == nil)
        await store.close()
    }
}
