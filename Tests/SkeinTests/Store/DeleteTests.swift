import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct DeleteTests {
    // case 35
    @Test(arguments: StoreKind.allCases)
    func `a softly deleted stream can be neither read nor written, and readers of the log still see it`(
        _ kind: StoreKind
    ) async throws {
        try await kind.with { store async throws in
            let append = StreamAppend.of("a", fingerprint: 1)
            try await store.store(append)
            try await store.save(Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: [1]))
            try await store.delete(.ada, mode: .soft, expecting: .exactly(1))
            let read = await code { () throws(EventStoreError) in
                try await store.read(.ada, from: 1, direction: .forward, limit: 1)
            }
            let version = await code { () throws(EventStoreError) in try await store.version(of: .ada) }
            let appended = await code { () throws(EventStoreError) in
                try await store.append(.of("x", expecting: .exactly(7)))
            }
            for code in [read, version, appended] { #expect(code == .streamDeleted) }
            #expect(try await store.log().map(\.text) == ["a"])
            #expect(try await store.snapshot(of: .ada) == nil)
            #expect(try await store.outcome(of: append.commands[0].id) != nil)
            try await store.delete(.ada, mode: .soft, expecting: .any)
        }
    }

    // case 37
    @Test(arguments: StoreKind.allCases)
    func `a stream deleted for good is as if it never was, and its positions are not used again`(
        _ kind: StoreKind
    ) async throws {
        try await kind.with(allowsHardDelete: true) { store async throws in
            let append = StreamAppend.of("a", "b", fingerprint: 1)
            let nothing = StreamAppend.outcome(.nothing, fingerprint: 2)
            try await store.store(append)
            try await store.store(nothing)
            try await store.save(Snapshot(stream: .ada, version: 2, shapeVersion: 1, payload: [1]))
            try await store.delete(.ada, mode: .hard, expecting: .any)
            let read = await code { () throws(EventStoreError) in
                try await store.read(.ada, from: 1, direction: .forward, limit: 1)
            }
            #expect(read == .streamNotFound)
            #expect(try await store.version(of: .ada) == 0)
            #expect(try await store.snapshot(of: .ada) == nil)
            #expect(try await store.outcome(of: append.commands[0].id) == nil)
            #expect(try await store.outcome(of: nothing.commands[0].id) == nil)
            #expect(try await store.log().isEmpty)
            #expect(try await store.head() == 2)
            let receipt = try await store.store(.of("new", expecting: .noStream))
            #expect(receipt.version == 1)
            #expect(receipt.position == 3)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a softly deleted stream can be deleted for good`(_ kind: StoreKind) async throws {
        try await kind.with(allowsHardDelete: true) { store async throws in
            try await store.store(.of("a"))
            try await store.delete(.ada, mode: .soft, expecting: .any)
            try await store.delete(.ada, mode: .hard, expecting: .any)
            #expect(try await store.store(.of("b")).version == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `deleting for good needs a store that allows it`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.store(.of("a"))
            let refused = await code { () throws(EventStoreError) in
                try await store.delete(.ada, mode: .hard, expecting: .any)
            }
            #expect(refused == .permission)
            #expect(try await store.version(of: .ada) == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a stream is deleted only at the expected version`(_ kind: StoreKind) async throws {
        try await kind.with(allowsHardDelete: true) { store async throws in
            try await store.store(.of("a", "b"))
            for mode in [DeleteMode.soft, .hard] {
                let refused = await code { () throws(EventStoreError) in
                    try await store.delete(.ada, mode: mode, expecting: .exactly(1))
                }
                #expect(refused == .conflict(expected: .exactly(1), actual: 2))
            }
            #expect(try await store.version(of: .ada) == 2)
        }
    }
}
