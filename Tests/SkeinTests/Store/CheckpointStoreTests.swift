import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct CheckpointStoreTests {
    @Test(arguments: StoreKind.allCases)
    func `a claim begins at 0 and raises the epoch each time`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            #expect(try await store.checkpoint(of: "view") == nil)
            let first = try await store.claimCheckpoint(of: "view")
            #expect(first == Checkpoint(subscription: "view", position: 0, epoch: first.epoch))
            let moved = try await store.move(first, to: 7)
            #expect(moved == Checkpoint(subscription: "view", position: 7, epoch: first.epoch))
            let second = try await store.claimCheckpoint(of: "view")
            #expect(second == Checkpoint(subscription: "view", position: 7, epoch: first.epoch + 1))
            #expect(try await store.checkpoint(of: "view") == second)
            #expect(try await store.checkpoint(of: "other") == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `only the latest epoch moves a checkpoint, and only from where it is`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let old = try await store.claimCheckpoint(of: "view")
            let new = try await store.claimCheckpoint(of: "view")
            let fenced = await code { () throws(EventStoreError) in try await store.move(old, to: 3) }
            #expect(fenced == .checkpointFenced)
            let moved = try await store.move(new, to: 5)
            let stale = await code { () throws(EventStoreError) in try await store.move(new, to: 6) }
            #expect(stale == .checkpointFenced)
            #expect(try await store.move(moved, to: 2).position == 2)
            #expect(try await store.checkpoint(of: "view")?.position == 2)
            let unknown = Checkpoint(subscription: "nobody's", position: 0, epoch: 1)
            let missing = await code { () throws(EventStoreError) in try await store.move(unknown, to: 1) }
            #expect(missing == .checkpointFenced)
        }
    }

    // case 103
    @Test(arguments: StoreKind.allCases)
    func `a deleted checkpoint is forgotten and starts anew`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.deleteCheckpoint(of: "view")
            let claimed = try await store.claimCheckpoint(of: "view")
            let moved = try await store.move(claimed, to: 9)
            try await store.deleteCheckpoint(of: "view")
            #expect(try await store.checkpoint(of: "view") == nil)
            let late = await code { () throws(EventStoreError) in try await store.move(moved, to: 10) }
            #expect(late == .checkpointFenced)
            #expect(try await store.claimCheckpoint(of: "view").position == 0)
        }
    }
}
