import Skein
import Testing

/// What a store gives back is what it was given.
@Suite(.timeLimit(.minutes(1))) struct StoredFormTests {
    @Test(arguments: StoreKind.allCases)
    func `payload bytes come back as they were written`(_ kind: StoreKind) async throws {
        let payloads: [[UInt8]] = [
            [], Array(#"{ "b":1, "a":1,"a":2}"#.utf8), Array(#""\u0000""#.utf8), [0, 0xFF, 0xC3, 0x28],
        ]
        try await kind.with { store async throws in
            let events = payloads.map { NewEvent(id: .fresh(), name: "noted", payload: $0) }
            let command = CommandAppend(id: .fresh(), outcome: .events(events))
            try await store.store(StreamAppend(stream: .ada, commands: [command]))
            #expect(try await store.log().map(\.payload) == payloads)
        }
    }

    // cases 9, 61
    @Test(arguments: StoreKind.allCases)
    func `an event comes back with everything that was given`(_ kind: StoreKind) async throws {
        let metadata = EventMetadata(
            correlationID: .fresh(),
            causationID: .fresh(),
            entries: ["tenant": "Ünïcode", "empty": "", "quote": #"'"\"#]
        )
        let event = NewEvent(id: .fresh(), name: "renämed", schemaVersion: 7, payload: [1, 2], metadata: metadata)
        let bare = NewEvent(id: .fresh(), name: "bare", payload: [])
        let command = CommandAppend(id: .fresh(), fingerprint: .max, outcome: .events([event, bare]))
        try await kind.with { store async throws in
            let receipt = try await store.store(StreamAppend(stream: .ada, commands: [command]))
            let expected = [(event, 1), (bare, 2)].map { event, place in
                StoredEvent(
                    position: place,
                    stream: .ada,
                    version: place,
                    id: event.id,
                    name: event.name,
                    schemaVersion: event.schemaVersion,
                    payload: event.payload,
                    metadata: event.metadata,
                    commandID: command.id,
                    commandFingerprint: .max,
                    recordedAt: receipt.recordedAt
                )
            }
            #expect(try await store.read(.ada, from: 1, direction: .forward, limit: 9) == expected)
            #expect(try await store.log() == expected)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an id with SQL in it is data`(_ kind: StoreKind) async throws {
        let stream = StreamID(aggregate: "Note", id: "'; DROP TABLE events;--")
        try await kind.with { store async throws in
            try await store.store(.of("a", to: stream))
            try await store.store(.of("b"))
            let read = try await store.read(stream, from: 1, direction: .forward, limit: 9)
            #expect(read.map(\.stream) == [stream])
            #expect(read.map(\.text) == ["a"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `ids that differ only in their composition are two aggregates`(_ kind: StoreKind) async throws {
        let composed = StreamID(aggregate: "Note", id: "\u{E9}")
        let decomposed = StreamID(aggregate: "Note", id: "e\u{301}")
        try await kind.with { store async throws in
            try await store.store(.of("composed", to: composed, expecting: .noStream))
            try await store.store(.of("decomposed", to: decomposed, expecting: .noStream))
            for (stream, text) in [(composed, "composed"), (decomposed, "decomposed")] {
                let read = try await store.read(stream, from: 1, direction: .forward, limit: 9)
                #expect(read.map(\.text) == [text])
                #expect(read.first.map { Array($0.stream.id.utf8) } == Array(stream.id.utf8))
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an id of 255 bytes is stored`(_ kind: StoreKind) async throws {
        let stream = StreamID(aggregate: String(repeating: "A", count: 255), id: String(repeating: "x", count: 255))
        try await kind.with { store async throws in
            try await store.store(.of("a", to: stream))
            #expect(try await store.version(of: stream) == 1)
        }
    }
}
