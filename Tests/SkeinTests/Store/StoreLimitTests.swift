import Skein
import Testing

/// The contract is tested at the stores' own limits; here they are set to others.
@Suite(.timeLimit(.minutes(1))) struct StoreLimitTests {
    private let limits = EventStoreLimits(eventsPerAppend: 3, payloadBytes: 100, pageSize: 2)
    private let ada = StreamID(aggregate: "Note", id: "ada")

    // case 7
    @Test(arguments: StoreKind.allCases)
    func `an append may have as many events as was set`(_ kind: StoreKind) async throws {
        try await kind.with(limits: limits) { store async throws in
            await refuses("append", "it has 4 events, at most 3 are allowed") { () async throws in
                try await store.store(.of("a", "b", "c", "d", to: ada))
            }
            #expect(try await store.store(.of("a", "b", "c", to: ada)).version == 3)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a payload may have as many bytes as was set`(_ kind: StoreKind) async throws {
        try await kind.with(limits: limits) { store async throws in
            await refuses("payload", "it has 101 bytes, at most 100 are allowed") { () async throws in
                try await store.store(.of(String(repeating: "x", count: 101), to: ada))
            }
            #expect(try await store.store(.of(String(repeating: "x", count: 100), to: ada)).version == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a page may have as many events as was set`(_ kind: StoreKind) async throws {
        try await kind.with(limits: limits) { store async throws in
            try await store.store(.of("a", "b", "c", to: ada))
            await refuses("page size", "3 is not between 1 and 2") { () async throws in
                try await store.read(ada, from: 1, direction: .forward, limit: 3)
            }
            #expect(try await store.log().map(\.text) == ["a", "b"])
        }
    }

    private func refuses<Value>(_ field: String, _ reason: String, _ call: () async throws -> Value) async {
        do {
            _ = try await call()
            Issue.record("it was let through")
        } catch {
            let code = EventStoreError.Code.invalidInput(InvalidInput(field: field, reason: reason))
            #expect((error as? EventStoreError)?.code == code)
        }
    }
}
