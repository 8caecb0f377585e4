import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct ReadTests {
    // case 23
    @Test(arguments: StoreKind.allCases)
    func `a stream is read in both directions from a version on`(_ kind: StoreKind) async throws {
        let reads: [(Int64, ReadDirection, Int, String)] = [
            (0, .forward, 9, "abcde"), (1, .forward, 9, "abcde"), (1, .forward, 2, "ab"), (4, .forward, 9, "de"),
            (6, .forward, 9, ""), (.max, .forward, 9, ""), (.max, .backward, 9, "edcba"), (5, .backward, 2, "ed"),
            (3, .backward, 9, "cba"), (1, .backward, 9, "a"), (0, .backward, 9, ""),
        ]
        try await kind.with { store async throws in
            try await store.store(.of("a", "b"))
            try await store.store(.of("foreign", to: .bob))
            try await store.store(.of("c", "d", "e"))
            for (version, direction, limit, texts) in reads {
                let read = try await store.read(.ada, from: version, direction: direction, limit: limit)
                #expect(read.map(\.text).joined() == texts, "\(version) \(direction) \(limit)")
            }
        }
    }

    // case 21
    @Test(arguments: StoreKind.allCases)
    func `an unknown stream is not found, and has version 0`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.store(.outcome(.nothing, fingerprint: 1))
            for direction in [ReadDirection.forward, .backward] {
                let read = await code { () throws(EventStoreError) in
                    try await store.read(.ada, from: 1, direction: direction, limit: 1)
                }
                #expect(read == .streamNotFound)
            }
            #expect(try await store.version(of: .ada) == 0)
            let deleted = await code { () throws(EventStoreError) in
                try await store.delete(.ada, mode: .soft, expecting: .any)
            }
            #expect(deleted == .streamNotFound)
        }
    }

    // case 23
    @Test(arguments: StoreKind.allCases)
    func `the log is read in both directions from a position on, which is left out`(_ kind: StoreKind) async throws {
        let reads: [(Int64, ReadDirection, Int, String)] = [
            (0, .forward, 9, "abcde"), (0, .forward, 2, "ab"), (3, .forward, 9, "de"), (5, .forward, 9, ""),
            (.max, .forward, 9, ""), (.max, .backward, 9, "edcba"), (6, .backward, 2, "ed"), (3, .backward, 9, "ba"),
            (1, .backward, 9, ""), (0, .backward, 9, ""),
        ]
        try await kind.with { store async throws in
            try await store.store(.of("a", "b"))
            try await store.store(.of("c", to: .bob))
            try await store.store(.of("d", "e"))
            for (position, direction, limit, texts) in reads {
                let page = try await store.readLog(from: position, direction: direction, filter: .all, limit: limit)
                #expect(page.events.map(\.text).joined() == texts, "\(position) \(direction) \(limit)")
                #expect(page.head == 5)
            }
        }
    }

    // case 27
    @Test(arguments: StoreKind.allCases)
    func `a filter lets through just the wanted aggregates and events`(_ kind: StoreKind) async throws {
        let filters: [(EventFilter, [String])] = [
            (.all, ["a1", "b1", "a2", "b2"]), (EventFilter(aggregates: ["A"]), ["a1", "a2"]),
            (EventFilter(events: ["two"]), ["a2", "b2"]), (EventFilter(aggregates: ["B"], events: ["two"]), ["b2"]),
            (EventFilter(aggregates: ["A", "B", "C"]), ["a1", "b1", "a2", "b2"]), (EventFilter(events: ["three"]), []),
        ]
        try await kind.with { store async throws in
            for (name, number) in [("one", 1), ("two", 2)] {
                for aggregate in ["A", "B"] {
                    let payload = Array("\(aggregate.lowercased())\(number)".utf8)
                    let event = NewEvent(id: .fresh(), name: name, payload: payload)
                    let command = CommandAppend(id: .fresh(), outcome: .events([event]))
                    let stream = StreamID(aggregate: aggregate, id: "x")
                    try await store.store(StreamAppend(stream: stream, commands: [command]))
                }
            }
            for (filter, texts) in filters {
                #expect(try await Self.readAll(store, filter, .forward) == texts)
                #expect(try await Self.readAll(store, filter, .backward) == texts.reversed())
            }
        }
    }

    // case 25
    @Test(arguments: StoreKind.allCases)
    func `the log is read over holes in both directions`(_ kind: StoreKind) async throws {
        try await kind.with(allowsHardDelete: true) { store async throws in
            for round in 0..<20 { try await store.store(.of("hole", to: .bob, expecting: .exactly(Int64(round)))) }
            try await store.store(.of("a"))
            for round in 20..<40 { try await store.store(.of("hole", to: .bob, expecting: .exactly(Int64(round)))) }
            try await store.store(.of("b"))
            try await store.delete(.bob, mode: .hard, expecting: .any)
            #expect(try await Self.readAll(store, .all, .forward) == ["a", "b"])
            #expect(try await Self.readAll(store, .all, .backward) == ["b", "a"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a filtered page tells how far the log was read`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.store(.of("x", "y", to: StreamID(aggregate: "Other", id: "x")))
            try await store.store(.of("a"))
            try await store.store(.of("z", to: StreamID(aggregate: "Other", id: "x")))
            let filter = EventFilter(aggregates: ["Note"])
            let first = try await store.readLog(from: 0, direction: .forward, filter: filter, limit: 1)
            #expect(first.events.map(\.position) == [3])
            #expect(first.scannedThrough >= 3)
            let rest = try await store.readLog(
                from: first.scannedThrough,
                direction: .forward,
                filter: filter,
                limit: 9
            )
            #expect(rest.events.isEmpty)
            #expect(rest.scannedThrough == 4)
            let beyond = try await store.readLog(from: 9, direction: .forward, filter: filter, limit: 9)
            #expect(beyond.events.isEmpty)
            #expect(beyond.scannedThrough == 9)
        }
    }

    // case 31
    @Test(arguments: StoreKind.allCases)
    func `no position appears below one that a reader has seen`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await withThrowingTaskGroup { group in
                for writer in 0..<4 {
                    group.addTask {
                        let stream = StreamID(aggregate: "Note", id: "\(writer)")
                        for _ in 0..<25 { try await store.store(.of("a", "b", "c", to: stream)) }
                    }
                }
                group.addTask {
                    var seen: [Int64] = []
                    while seen.count < 300 {
                        let from = seen.last ?? 0
                        let page = try await store.readLog(from: from, direction: .forward, filter: .all, limit: 7)
                        seen += page.events.map(\.position)
                        await Task.yield()
                    }
                    #expect(seen == Array(1...300))
                }
                try await group.waitForAll()
            }
        }
    }

    private static func readAll(
        _ store: any EventStore,
        _ filter: EventFilter,
        _ direction: ReadDirection
    ) async throws(EventStoreError) -> [String] {
        var texts: [String] = []
        var place = direction == .forward ? 0 : try await store.head() + 1
        while true {
            let page = try await store.readLog(from: place, direction: direction, filter: filter, limit: 1)
            texts += page.events.map(\.text)
            place = page.scannedThrough
            if direction == .forward ? place >= page.head : place <= 1 { return texts }
        }
    }
}
