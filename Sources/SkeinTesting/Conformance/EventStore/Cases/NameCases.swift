import Skein
import Testing

extension EventStoreConformance {
    static let names: [Case] = [
        Case("names", "an id with SQL in it is data") { stage in
            try await keepsApart(["'; DROP TABLE events;--", "\" OR 1=1 --", "$1", "?", ":id", "\\'"], on: stage)
        },
        Case("names", "ids that differ only in their composition are two streams") { stage in
            try await keepsApart(["\u{E9}", "e\u{301}", "\u{212B}", "\u{C5}", "A\u{30A}"], on: stage)
        },
        Case("names", "ids that differ only in case are two streams") { stage in
            try await keepsApart(["ada", "Ada", "ADA", "\u{DF}", "ss"], on: stage)
        },
        Case("names", "blanks and invisible characters make another id") { stage in
            try await keepsApart(
                ["ada", " ada", "ada ", "ada  ", "a da", "ada\u{A0}", "ada\u{200B}", "\u{FEFF}ada"],
                on: stage
            )
        },
        Case("names", "ids that look like patterns are not") { stage in
            try await keepsApart(["%", "_", "a%", "a_", "ab", "*", "[a-z]", "ab.*"], on: stage)
        },
        Case("names", "ids that look like numbers or like nothing are text") { stage in
            try await keepsApart(
                ["0", "00", "0.0", "-0", "1e0", "1", "null", "NULL", "nil", "false", "\u{660}"],
                on: stage
            )
        },
        Case("names", "ids from all over the world are kept") { stage in
            try await keepsApart(["アダ", "ада", "עדה", "🐦‍⬛", "🐦", "👩🏽‍🚀", "\u{10FFFF}"], on: stage)
        },
        Case("names", "an id may have 255 bytes, and is not cut") { stage in
            let stem = String(repeating: "x", count: 254)
            let wide = String(repeating: "é", count: 127)
            try await keepsApart([stem, stem + "a", stem + "b", wide, wide + "a"], on: stage)
        },
        Case("names", "an aggregate's name may have 255 bytes, and is not cut") { stage in
            let stem = String(repeating: "N", count: 254)
            for end in ["a", "b"] {
                let stream = StreamID(aggregate: stem + end, id: "ada")
                try await stage.store.keep(.notes(end, to: stream, expecting: .noStream))
            }
            try check(try await stage.store.notes(of: StreamID(aggregate: stem + "a", id: "ada")), is: ["a"])
            try check(try await stage.store.log(EventFilter(aggregates: [stem + "b"])).map(\.note), is: ["b"])
        },
        Case("names", "the same id of two aggregates is two streams") { stage in
            let streams = ["A", "B", "a", "\u{E9}", "e\u{301}"].map { StreamID(aggregate: $0, id: "ada") }
            try await keepsApart(streams, on: stage)
        },
        Case("names", "aggregate and id do not run into each other") { stage in
            let pairs = [
                ("AB", "C"), ("A", "BC"), ("A/B", "C"), ("A", "B/C"), ("A-B", "C"), ("A", "B-C"), ("A:B", "C"),
                ("A", "B:C"),
            ]
            try await keepsApart(pairs.map { StreamID(aggregate: $0, id: $1) }, on: stage)
        },
    ]

    private static func keepsApart(_ ids: [String], on stage: EventStoreStage) async throws {
        try await keepsApart(ids.map(StreamID.note), on: stage)
    }

    /// Writes and reads each stream, and looks that all have their own events and their names' bytes.
    private static func keepsApart(_ streams: [StreamID], on stage: EventStoreStage) async throws {
        for (number, stream) in streams.enumerated() {
            let what = "stream \(number), \(stream)"
            let code = try await failure {
                try await stage.store.keep(.notes("\(number)", to: stream, expecting: .noStream))
            }
            try check(code, is: nil, "the first append to \(what)")
            try await stage.store.keep(.answer(.nothing, to: stream))
        }
        for (number, stream) in streams.enumerated() {
            let what = "stream \(number), \(stream)"
            let events = try await stage.store.events(of: stream)
            try check(events.map(\.note), is: ["\(number)"], what)
            try check(events.map { Array($0.stream.id.utf8) }, is: [Array(stream.id.utf8)], "the id's bytes of \(what)")
            try check(
                events.map { Array($0.stream.aggregate.utf8) },
                is: [Array(stream.aggregate.utf8)],
                "the aggregate's bytes of \(what)"
            )
        }
        try check(try await stage.store.log().map(\.stream), is: streams, "the streams in the log")
    }
}
