import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct SnapshotStoreTests {
    // case 41
    @Test(arguments: StoreKind.allCases)
    func `a snapshot is kept, replaced and deleted`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            #expect(try await store.snapshot(of: .ada) == nil)
            try await store.deleteSnapshot(of: .ada)
            let first = Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: [0, 0xFF])
            try await store.save(first)
            #expect(try await store.snapshot(of: .ada) == first)
            #expect(try await store.snapshot(of: .bob) == nil)
            let second = Snapshot(stream: .ada, version: 2, shapeVersion: 1, payload: [2])
            try await store.save(second)
            #expect(try await store.snapshot(of: .ada) == second)
            try await store.deleteSnapshot(of: .ada)
            #expect(try await store.snapshot(of: .ada) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a lower version is ignored in the same shape and kept in another`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let kept = Snapshot(stream: .ada, version: 5, shapeVersion: 2, payload: [5])
            try await store.save(kept)
            try await store.save(Snapshot(stream: .ada, version: 4, shapeVersion: 2, payload: [4]))
            #expect(try await store.snapshot(of: .ada) == kept)
            let same = Snapshot(stream: .ada, version: 5, shapeVersion: 2, payload: [6])
            try await store.save(same)
            #expect(try await store.snapshot(of: .ada) == same)
            let older = Snapshot(stream: .ada, version: 3, shapeVersion: 1, payload: [3])
            try await store.save(older)
            #expect(try await store.snapshot(of: .ada) == older)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a damaged snapshot comes back as it is`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let damaged = Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: [1, 2], checksum: .max)
            try await store.save(damaged)
            let read = try await store.snapshot(of: .ada)
            #expect(read == damaged)
            #expect(read?.isIntact == false)
        }
    }
}
