import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct AppendTests {
    // case 1
    @Test(arguments: StoreKind.allCases)
    func `events get the versions 1 to n in order`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let first = try await store.store(.of("a", "b", expecting: .noStream))
            let second = try await store.store(.of("c"))
            #expect(first.version == 2)
            #expect(first.position == 2)
            #expect(second.version == 3)
            #expect(second.position == 3)
            let events = try await store.read(.ada, from: 1, direction: .forward, limit: 10)
            #expect(events.map(\.version) == [1, 2, 3])
            #expect(events.map(\.position) == [1, 2, 3])
            #expect(events.map(\.text) == ["a", "b", "c"])
        }
    }

    // case 3
    @Test(arguments: StoreKind.allCases)
    func `any version is met by a new and by an existing stream`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            #expect(try await store.store(.of("a", expecting: .any)).version == 1)
            #expect(try await store.store(.of("b", expecting: .any)).version == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an expectation that is not met is a conflict with both versions and stores nothing`(
        _ kind: StoreKind
    ) async throws {
        try await kind.with { store async throws in
            let unmetByNew: [ExpectedVersion] = [.streamExists, .exactly(1)]
            for expected in unmetByNew {
                let refused = await code { () throws(EventStoreError) in
                    try await store.append(.of("x", expecting: expected))
                }
                #expect(refused == .conflict(expected: expected, actual: 0))
            }
            try await store.store(.of("a", "b", expecting: .exactly(0)))
            let unmetByTwo: [ExpectedVersion] = [.noStream, .exactly(0), .exactly(1), .exactly(3)]
            for expected in unmetByTwo {
                let refused = await code { () throws(EventStoreError) in
                    try await store.append(.of("x", expecting: expected))
                }
                #expect(refused == .conflict(expected: expected, actual: 2))
            }
            #expect(try await store.store(.of("c", expecting: .streamExists)).version == 3)
            #expect(try await store.store(.of("d", expecting: .exactly(3))).version == 4)
            #expect(try await store.log().map(\.text) == ["a", "b", "c", "d"])
        }
    }

    // case 17
    @Test(arguments: StoreKind.allCases)
    func `a conflict leaves the stream readable and writable`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.store(.of("a", expecting: .exactly(0)))
            let refused = await code { () throws(EventStoreError) in
                try await store.append(.of("stale", expecting: .exactly(0)))
            }
            #expect(refused == .conflict(expected: .exactly(0), actual: 1))
            #expect(try await store.log().map(\.text) == ["a"])
            #expect(try await store.store(.of("b", expecting: .exactly(1))).position == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a negative expected version is refused`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let refused = await code { () throws(EventStoreError) in
                try await store.append(.of("x", expecting: .exactly(-5)))
            }
            #expect(refused?.refusedField == "expected version")
            #expect(try await store.head() == 0)
        }
    }

    // cases 5, 19
    @Test(arguments: StoreKind.allCases)
    func `of racing appenders as many succeed as events are stored`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let wins = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        var wins = 0
                        for round in 0..<8 {
                            do throws(EventStoreError) {
                                _ = try await store.append(.of("x", expecting: .exactly(Int64(round))))
                                wins += 1
                            } catch {
                                guard case .conflict = error.code else { throw error }
                            }
                        }
                        return wins
                    }
                }
                return try await group.reduce(0, +)
            }
            let events = try await store.log()
            #expect(wins == events.count)
            #expect(wins >= 1)
            #expect(events.map(\.version) == Array(1...Int64(wins)))
        }
    }

    // case 33
    @Test(arguments: StoreKind.allCases)
    func `writers to different streams do not conflict and leave no gap`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await withThrowingTaskGroup { group in
                for writer in 0..<16 {
                    group.addTask {
                        let stream = StreamID(aggregate: "Note", id: "writer \(writer)")
                        for round in 0..<5 {
                            try await store.store(.of("a", "b", to: stream, expecting: .exactly(Int64(2 * round))))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.log().map(\.position) == Array(1...160))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an append without commands stores nothing and tells the version and the end of the log`(
        _ kind: StoreKind
    ) async throws {
        try await kind.with { store async throws in
            try await store.store(.of("a", "b", to: .bob))
            try await store.store(.of("c"))
            let receipt = try await store.store(StreamAppend(stream: .ada, commands: []))
            #expect(receipt.version == 1)
            #expect(receipt.position == 3)
            let unknown = StreamID(aggregate: "Note", id: "nobody")
            #expect(try await store.store(StreamAppend(stream: unknown, commands: [])).version == 0)
            #expect(try await store.head() == 3)
        }
    }

    // case 11
    @Test(arguments: StoreKind.allCases)
    func `an import sets its own time on a new and on an existing stream`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            for microseconds in [-1_000_001, 1_234_567_890_123_456] as [Int64] {
                var append = StreamAppend.of("x")
                append.recordedAt = Timestamp(microseconds: microseconds)
                #expect(try await store.store(append).recordedAt.microseconds == microseconds)
            }
            let now = try await store.store(.of("x")).recordedAt
            let times = try await store.log().map(\.recordedAt)
            #expect(times.map(\.microseconds).prefix(2) == [-1_000_001, 1_234_567_890_123_456])
            #expect(times.last == now)
            #expect(now.microseconds > 1_700_000_000_000_000)
        }
    }

    // case 7
    @Test(arguments: StoreKind.allCases)
    func `an append at the limit is stored whole and one over it not at all`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let limit = store.limits.eventsPerAppend
            #expect(limit == 5_000)
            let tooMany = CommandAppend.of((0...limit).map(String.init))
            let refused = await code { () throws(EventStoreError) in
                try await store.append(StreamAppend(stream: .ada, commands: [tooMany]))
            }
            #expect(refused?.refusedField == "append")
            #expect(try await store.head() == 0)
            let most = CommandAppend.of((0..<limit).map(String.init))
            #expect(try await store.store(StreamAppend(stream: .ada, commands: [most])).version == 5_000)
            #expect(try await store.log().map(\.text) == (0..<limit).map(String.init))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a payload at the limit is stored and one byte more is refused`(_ kind: StoreKind) async throws {
        try await kind.with(limits: EventStoreLimits(payloadBytes: 100)) { store async throws in
            let refused = await code { () throws(EventStoreError) in
                try await store.append(.of(String(repeating: "x", count: 101)))
            }
            #expect(
                refused
                    == .invalidInput(
                        InvalidInput(field: "payload", reason: "it has 101 bytes, at most 100 are allowed")
                    )
            )
            try await store.store(.of(String(repeating: "x", count: 100)))
            #expect(try await store.head() == 1)
        }
    }
}
