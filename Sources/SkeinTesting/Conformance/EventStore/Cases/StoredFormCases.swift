import Skein
import Testing

extension EventStoreConformance {
    static let storedForm: [Case] = [
        Case("what is stored", "an empty payload comes back empty") { stage in
            try await payloadsComeBack([[]], on: stage)
        },
        Case("what is stored", "JSON comes back as it was written: blanks, order of keys, keys that come twice") {
            stage in
            let texts = [#"{ "b":1, "a":1,"a":2}"#, "{\"z\":1,\n\t\"a\" : [ ]}", " null ", "\r\n{}\n"]
            try await payloadsComeBack(texts.map { Array($0.utf8) }, on: stage)
        },
        Case("what is stored", "escapes in JSON come back as they were written, also of U+0000") { stage in
            let texts = [#""\u0000""#, #""\u00e9\/\n""#, #""\ud83d\udc26""#, #""\ud800""#, #"{"\u0061":1,"a":2}"#]
            try await payloadsComeBack(texts.map { Array($0.utf8) }, on: stage)
        },
        Case("what is stored", "numbers in JSON come back as they were written") { stage in
            let texts = ["1.0", "1", "1e400", "-0", "0.1000", "12345678901234567890123456789.5"]
            try await payloadsComeBack(texts.map { Array($0.utf8) }, on: stage)
        },
        Case("what is stored", "text in JSON is not normalised") { stage in
            let texts = ["\"\u{E9}\"", "\"e\u{301}\"", "\"\u{FEFF}x\"", "\"\u{FB01}\""]
            try await payloadsComeBack(texts.map { Array($0.utf8) }, on: stage)
        },
        Case("what is stored", "a payload may be any bytes") { stage in
            try await payloadsComeBack(
                [Array(0...255), [0], [0, 0], [0xFF, 0xC3, 0x28], Array("'\\'';--".utf8)],
                on: stage
            )
        },
        // cases 9, 61
        Case("what is stored", "an event comes back with everything that it was given") { stage in
            let metadata = EventMetadata(
                correlationID: .unused(),
                causationID: .unused(),
                entries: ["tenant": "Ünïcode", "empty": ""]
            )
            let event = NewEvent(id: .unused(), name: "renämed", schemaVersion: 7, payload: [1, 2], metadata: metadata)
            let command = CommandAppend(id: .unused(), fingerprint: .max, outcome: .events([event, .note("bare")]))
            let receipt = try await stage.store.keep(.commands([command]))
            let stored = StoredEvent(
                position: 1,
                stream: .ada,
                version: 1,
                id: event.id,
                name: event.name,
                schemaVersion: 7,
                payload: event.payload,
                metadata: metadata,
                commandID: command.id,
                commandFingerprint: .max,
                recordedAt: receipt.recordedAt
            )
            try check(try await stage.store.events().first, is: stored)
            try check(try await stage.store.log().first, is: stored)
        },
        // case 61
        Case("what is stored", "metadata keeps every name and every value") { stage in
            let entries = [
                "quote": #"'"\"#, "newline": "a\nb\tc\r", "json": #"{"a":[1,null]}"#, "ключ": "значение", "🐦": "🪹",
                "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", " ": "blank",
                "control": "\u{1}\u{1F}",
            ]
            try await metadataComesBack(EventMetadata(entries: entries), on: stage)
        },
        Case("what is stored", "metadata values are kept byte by byte") { stage in
            var event = NewEvent.note("a")
            event.metadata = EventMetadata(entries: ["composed": "\u{E9}", "decomposed": "e\u{301}"])
            try await stage.store.keep(.events([event]))
            let found = try await stage.store.log().first?.metadata
            try check(found?["composed"].map { Array($0.utf8) }, is: [0xC3, 0xA9])
            try check(found?["decomposed"].map { Array($0.utf8) }, is: [0x65, 0xCC, 0x81])
        },
        Case("what is stored", "correlation and causation are kept each by itself, and not made up") { stage in
            try await metadataComesBack(EventMetadata(), on: stage)
            try await metadataComesBack(EventMetadata(correlationID: .unused()), on: stage)
            try await metadataComesBack(EventMetadata(causationID: .unused()), on: stage)
            try await metadataComesBack(
                EventMetadata(
                    correlationID: CorrelationID(high: 0, low: 0),
                    causationID: CausationID(high: .max, low: .max)
                ),
                on: stage
            )
        },
        Case("what is stored", "schema versions from 1 to the greatest are kept") { stage in
            let versions = [1, 2, 65_536, Int(Int32.max)]
            try await stage.store.keep(
                .events(versions.map { NewEvent(id: .unused(), name: "noted", schemaVersion: $0, payload: []) })
            )
            try check(try await stage.store.events().map(\.schemaVersion), is: versions)
        },
        Case("what is stored", "names of events are kept byte by byte, up to 255 bytes") { stage in
            let names = ["Noted", "noted", "\u{E9}", "e\u{301}", "a'b\"c", "a b", String(repeating: "n", count: 255)]
            try await stage.store.keep(.events(names.map { .note("x", name: $0) }))
            let found = try await stage.store.events().map { Array($0.name.utf8) }
            try check(found, is: names.map { Array($0.utf8) })
        },
        Case("what is stored", "times are kept to the microsecond") { stage in
            for microseconds in [1, 999_999, 1_700_000_000_123_457, 253_402_300_799_999_999, -62_135_596_800_000_000] {
                let time = Timestamp(microseconds: Int64(microseconds))
                let append = StreamAppend.notes("x", fingerprint: 1, at: time)
                try await stage.store.keep(append)
                try check(try await stage.store.log().last?.recordedAt, is: time)
                try check(try await stage.store.known(append.command).recordedAt, is: time)
            }
        },
    ]

    private static func payloadsComeBack(_ payloads: [[UInt8]], on stage: EventStoreStage) async throws {
        try await stage.store.keep(.events(payloads.map { NewEvent(id: .unused(), name: "noted", payload: $0) }))
        try check(try await stage.store.events().map(\.payload), is: payloads, "from the stream")
        try check(try await stage.store.log().map(\.payload), is: payloads, "from the log")
    }

    private static func metadataComesBack(_ metadata: EventMetadata, on stage: EventStoreStage) async throws {
        var event = NewEvent.note("a")
        event.metadata = metadata
        try await stage.store.keep(.events([event]))
        try check(try await stage.store.events().last?.metadata, is: metadata, "from the stream")
        try check(try await stage.store.log().last?.metadata, is: metadata, "from the log")
    }
}
