import Skein
import Testing

/// Input that breaks a rule is refused before anything is touched.
@Suite(.timeLimit(.minutes(1))) struct StoreInputTests {
    static let badNames = [
        "", String(repeating: "x", count: 256), String(repeating: "é", count: 128), "a\u{0}b", "a\nb", "\u{7F}",
        "a\u{85}",
        "\u{80}", "\u{9F}",
    ]

    @Test(arguments: StoreKind.allCases)
    func `a stream's id and name are checked by every call`(_ kind: StoreKind) async throws {
        try await kind.with(allowsHardDelete: true) { store async throws in
            for name in Self.badNames {
                let streams = [
                    (StreamID(aggregate: "Note", id: name), "aggregate id"),
                    (StreamID(aggregate: name, id: "ada"), "aggregate name"),
                ]
                for (stream, field) in streams {
                    let appended = await code { () throws(EventStoreError) in
                        try await store.append(.of("x", to: stream))
                    }
                    let read = await code { () throws(EventStoreError) in
                        try await store.read(stream, from: 1, direction: .forward, limit: 1)
                    }
                    let version = await code { () throws(EventStoreError) in try await store.version(of: stream) }
                    let deleted = await code { () throws(EventStoreError) in
                        try await store.delete(stream, mode: .hard, expecting: .any)
                    }
                    let saved = await code { () throws(EventStoreError) in
                        try await store.save(Snapshot(stream: stream, version: 1, shapeVersion: 1, payload: []))
                    }
                    for code in [appended, read, version, deleted, saved] { #expect(code?.refusedField == field) }
                }
            }
            #expect(try await store.head() == 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an event's name, schema version and metadata are checked`(_ kind: StoreKind) async throws {
        let long = String(repeating: "x", count: EventMetadata.maximumLength)
        let refusals: [(NewEvent, String)] = [
            (NewEvent(id: .fresh(), name: "", payload: []), "event name"),
            (NewEvent(id: .fresh(), name: "a\u{1}", payload: []), "event name"),
            (NewEvent(id: .fresh(), name: "noted", schemaVersion: 0, payload: []), "schema version"),
            (NewEvent(id: .fresh(), name: "noted", schemaVersion: 1 << 31, payload: []), "schema version"),
            (
                NewEvent(id: .fresh(), name: "noted", payload: [], metadata: EventMetadata(entries: ["": "x"])),
                "metadata"
            ),
            (
                NewEvent(id: .fresh(), name: "noted", payload: [], metadata: EventMetadata(entries: ["x": "\0"])),
                "metadata"
            ),
            (
                NewEvent(id: .fresh(), name: "noted", payload: [], metadata: EventMetadata(entries: ["x": long])),
                "metadata"
            ),
        ]
        try await kind.with { store async throws in
            for (event, field) in refusals {
                let good = NewEvent.noted("good")
                let command = CommandAppend(id: .fresh(), outcome: .events([good, event]))
                let refused = await code { () throws(EventStoreError) in
                    try await store.append(StreamAppend(stream: .ada, commands: [command]))
                }
                #expect(refused?.refusedField == field)
            }
            #expect(try await store.head() == 0)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a page size of 0 or 10⁹ and a place below 0 are refused`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.store(.of("a"))
            for size in [-1, 0, store.limits.pageSize + 1, 1_000_000_000] {
                let read = await code { () throws(EventStoreError) in
                    try await store.read(.ada, from: 1, direction: .backward, limit: size)
                }
                let log = await code { () throws(EventStoreError) in
                    try await store.readLog(from: 0, direction: .forward, filter: .all, limit: size)
                }
                #expect(read?.refusedField == "page size")
                #expect(log?.refusedField == "page size")
            }
            let read = await code { () throws(EventStoreError) in
                try await store.read(.ada, from: -1, direction: .forward, limit: 1)
            }
            let log = await code { () throws(EventStoreError) in
                try await store.readLog(from: -1, direction: .backward, filter: .all, limit: 1)
            }
            #expect(read?.refusedField == "version")
            #expect(log?.refusedField == "position")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a subscription's name and position are checked`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            for name in Self.badNames {
                let refused = await code { () throws(EventStoreError) in try await store.claimCheckpoint(of: name) }
                #expect(refused?.refusedField == "subscription name")
            }
            let checkpoint = try await store.claimCheckpoint(of: "view")
            let refused = await code { () throws(EventStoreError) in try await store.move(checkpoint, to: -1) }
            #expect(refused?.refusedField == "checkpoint")
        }
    }
}
