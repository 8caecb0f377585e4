import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct StoreLifecycleTests {
    @Test(arguments: StoreKind.allCases)
    func `a listener is signalled at once and after a commit, until the store is closed`(_ kind: StoreKind) async throws
    {
        try await kind.with { store async throws in
            var signals = store.commits().makeAsyncIterator()
            #expect(await signals.next() != nil)
            try await store.store(.of("a"))
            #expect(await signals.next() != nil)
            await store.close()
            while await signals.next() != nil {}
            var late = store.commits().makeAsyncIterator()
            while await late.next() != nil {}
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a closed store answers every call with closed`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.store(.of("a"))
            let checkpoint = try await store.claimCheckpoint(of: "view")
            await store.close()
            await store.close()
            let snapshot = Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: [])
            let codes = [
                await code { () throws(EventStoreError) in try await store.append(.of("x")) },
                await code { () throws(EventStoreError) in
                    try await store.read(.ada, from: 1, direction: .forward, limit: 1)
                },
                await code { () throws(EventStoreError) in try await store.log() },
                await code { () throws(EventStoreError) in try await store.version(of: .ada) },
                await code { () throws(EventStoreError) in try await store.head() },
                await code { () throws(EventStoreError) in try await store.outcome(of: .fresh()) },
                await code { () throws(EventStoreError) in try await store.delete(.ada, mode: .soft, expecting: .any) },
                await code { () throws(EventStoreError) in try await store.snapshot(of: .ada) },
                await code { () throws(EventStoreError) in try await store.save(snapshot) },
                await code { () throws(EventStoreError) in try await store.deleteSnapshot(of: .ada) },
                await code { () throws(EventStoreError) in try await store.checkpoint(of: "view") },
                await code { () throws(EventStoreError) in try await store.claimCheckpoint(of: "view") },
                await code { () throws(EventStoreError) in try await store.move(checkpoint, to: 1) },
                await code { () throws(EventStoreError) in try await store.deleteCheckpoint(of: "view") },
                await code { () throws(EventStoreError) in try await store.migrate() },
            ]
            #expect(codes.allSatisfy { $0 == .closed }, "\(codes)")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `migrating again changes nothing`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.store(.of("a"))
            try await store.migrate()
            #expect(try await store.log().map(\.text) == ["a"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a cancelled task's append is stored all the same`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await store.store(.of("a"))
            }
            #expect(try await task.value.version == 1)
            #expect(try await store.head() == 1)
        }
    }

    // case 153
    @Test func `resetting an in-memory store wipes everything`() async throws {
        let store = InMemoryEventStore()
        let append = StreamAppend.of("a", fingerprint: 1)
        try await store.store(append)
        _ = try await store.claimCheckpoint(of: "view")
        try await store.save(Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: []))
        store.reset()
        #expect(try await store.head() == 0)
        #expect(try await store.checkpoint(of: "view") == nil)
        #expect(try await store.snapshot(of: .ada) == nil)
        #expect(try await store.store(append).position == 1)
    }
}
