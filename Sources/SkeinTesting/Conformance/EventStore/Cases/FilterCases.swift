import Skein
import Testing

extension EventStoreConformance {
    static let filters: [Case] = [
        // case 27
        Case("filters", "a filter of aggregates lets their events through") { stage in
            try await filtered(EventFilter(aggregates: ["A"]), gives: ["a1", "a2"], on: stage)
        },
        // case 27
        Case("filters", "a filter of event names lets these through") { stage in
            try await filtered(EventFilter(events: ["two"]), gives: ["a2", "b2", "c2"], on: stage)
        },
        Case("filters", "an event has to pass both filters") { stage in
            try await filtered(EventFilter(aggregates: ["B"], events: ["two"]), gives: ["b2"], on: stage)
        },
        Case("filters", "several names let through what has one of them") { stage in
            let filter = EventFilter(aggregates: ["A", "C", "D"], events: ["one", "two"])
            try await filtered(filter, gives: ["a1", "c1", "a2", "c2"], on: stage)
        },
        Case("filters", "a filter without names lets everything through") { stage in
            try await filtered(EventFilter(), gives: ["a1", "b1", "c1", "a2", "b2", "c2"], on: stage)
        },
        Case("filters", "a name that nothing has lets nothing through, and the reading still gets to the end") {
            stage in
            try await filtered(EventFilter(aggregates: ["D"]), gives: [], on: stage)
            try await filtered(EventFilter(events: ["three"]), gives: [], on: stage)
        },
        Case("filters", "names are not patterns and not case-insensitive") { stage in
            for name in ["%", "_", "a", "*", "A%", "B' OR '1'='1", "o", "One", "ONE", "one "] {
                try await filtered(EventFilter(aggregates: [name]), gives: [], on: stage)
                try await filtered(EventFilter(events: [name]), gives: [], on: stage)
            }
        },
        Case("filters", "names are compared byte by byte") { stage in
            let composed = "\u{E9}"
            let decomposed = "e\u{301}"
            for name in [composed, decomposed] {
                let text = name.utf8.count == 2 ? "composed" : "decomposed"
                let stream = StreamID(aggregate: name, id: "x")
                try await stage.store.keep(.events([.note(text, name: name)], to: stream))
            }
            for filter in [EventFilter(aggregates: [composed]), EventFilter(events: [composed])] {
                try check(try await stage.store.log(filter).map(\.note), is: ["composed"])
            }
            for filter in [EventFilter(aggregates: [decomposed]), EventFilter(events: [decomposed])] {
                try check(try await stage.store.log(filter).map(\.note), is: ["decomposed"])
            }
        },
        Case("filters", "the limit counts what passes, and the page tells how far it came") { stage in
            try await stage.store.keep(.notes("x", "y", to: StreamID(aggregate: "Other", id: "x")))
            try await stage.store.keep(.notes("a"))
            try await stage.store.keep(.notes("z", to: StreamID(aggregate: "Other", id: "x")))
            try await stage.store.keep(.notes("b"))
            let filter = EventFilter(aggregates: ["Note"])
            var place: Int64 = 0
            var found: [Int64] = []
            for _ in 0..<10 where place < 5 {
                let page = try await stage.store.readLog(from: place, direction: .forward, filter: filter, limit: 1)
                try check(page.events.count <= 1, "a page has at most one event")
                if let event = page.events.first {
                    try check(page.scannedThrough >= event.position, "the page was read through its own event")
                }
                found += page.events.map(\.position)
                place = page.scannedThrough
            }
            try check(found, is: [3, 5])
            try check(place, is: 5)
        },
        Case("filters", "a long stretch that does not pass is got over in both directions") { stage in
            try await stage.store.keep(.notes("a"))
            for _ in 0..<4 {
                let texts = (0..<250).map(String.init)
                try await stage.store.keep(.commands([.notes(texts)], to: StreamID(aggregate: "Other", id: "x")))
            }
            try await stage.store.keep(.notes("b"))
            let filter = EventFilter(aggregates: ["Note"])
            try check(try await stage.store.log(filter, page: 1).map(\.note), is: ["a", "b"])
            try check(try await stage.store.logBackward(filter, page: 1).map(\.note), is: ["b", "a"])
        },
        Case("filters", "what is appended while a filtered reader is under way is not skipped") { stage in
            let filter = EventFilter(aggregates: ["Note"])
            var place: Int64 = 0
            var found: [String] = []
            for round in 0..<12 {
                try await stage.store.keep(.notes("x", to: StreamID(aggregate: "Other", id: "x")))
                if round % 3 == 0 { try await stage.store.keep(.notes("\(round)")) }
                let page = try await stage.store.readLog(from: place, direction: .forward, filter: filter, limit: 5)
                found += page.events.map(\.note)
                place = page.scannedThrough
            }
            found += try await stage.store.log(after: place, filter).map(\.note)
            try check(found, is: ["0", "3", "6", "9"])
        },
    ]

    /// Reads six events through a filter, in both directions and with pages of different sizes.
    private static func filtered(
        _ filter: EventFilter,
        gives texts: [String],
        on stage: EventStoreStage
    ) async throws {
        if try await stage.store.head() == 0 {
            for (name, number) in [("one", 1), ("two", 2)] {
                for aggregate in ["A", "B", "C"] {
                    let text = "\(aggregate.lowercased())\(number)"
                    let stream = StreamID(aggregate: aggregate, id: "x")
                    try await stage.store.keep(.events([.note(text, name: name)], to: stream))
                }
            }
        }
        for size in [1, 2, 9] {
            let forward = try await stage.store.log(filter, page: size).map(\.note)
            try check(forward, is: texts, "forward by \(size) through \(filter)")
            let backward = try await stage.store.logBackward(filter, page: size).map(\.note)
            try check(backward, is: texts.reversed(), "backward by \(size) through \(filter)")
        }
    }
}
