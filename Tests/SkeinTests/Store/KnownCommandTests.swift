import Skein
import Testing

/// A store knows a command again, and never stores it twice.
@Suite(.timeLimit(.minutes(1))) struct KnownCommandTests {
    @Test(arguments: StoreKind.allCases)
    func `a command that stored events is returned with them`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.store(.of("before"))
            let append = StreamAppend.of("a", "b", fingerprint: 5)
            let receipt = try await store.store(append)
            try await store.store(.of("after", to: .bob))
            let known = try await store.known(append)
            let stored = try await store.read(.ada, from: 2, direction: .forward, limit: 9)
            #expect(
                known == [
                    KnownCommand(
                        id: append.commands[0].id,
                        stream: .ada,
                        fingerprint: 5,
                        version: 3,
                        position: 3,
                        recordedAt: receipt.recordedAt,
                        outcome: .events(stored)
                    )
                ]
            )
            #expect(try await store.outcome(of: append.commands[0].id) == known[0])
            #expect(try await store.head() == 4)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a rejection and nothing are kept with their bytes, unless the fingerprint is 0`(
        _ kind: StoreKind
    ) async throws {
        let outcomes: [(CommandAppend.Outcome, KnownCommand.Outcome)] = [
            (.rejection([0, 0xFF, 34]), .rejection([0, 0xFF, 34])), (.rejection([]), .rejection([])),
            (.nothing, .nothing),
        ]
        try await kind.with { store async throws in
            try await store.store(.of("a", "b"))
            for (outcome, expected) in outcomes {
                let kept = StreamAppend.outcome(outcome, expecting: .exactly(2), fingerprint: 9)
                let receipt = try await store.store(kept)
                #expect(receipt.version == 2)
                #expect(receipt.position == 2)
                let known = try await store.known(kept)
                #expect(known.map(\.outcome) == [expected])
                #expect(known.map(\.fingerprint) == [9])
                #expect(known.map(\.version) == [2])
                #expect(known.map(\.position) == [2])
                let dropped = StreamAppend.outcome(outcome, fingerprint: 0)
                try await store.store(dropped)
                try await store.store(dropped)
                #expect(try await store.outcome(of: dropped.commands[0].id) == nil)
            }
            #expect(try await store.head() == 2)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `one known command refuses the whole append, and all known ones are returned`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let first = StreamAppend.of("first", to: .bob, fingerprint: 1)
            let second = StreamAppend.outcome(.nothing, fingerprint: 2)
            try await store.store(first)
            try await store.store(second)
            let new = CommandAppend.of(["new"])
            let commands = [new] + second.commands + first.commands
            let known = try await store.known(StreamAppend(stream: .ada, commands: commands))
            #expect(Set(known.map(\.id)) == Set([first.commands[0].id, second.commands[0].id]))
            #expect(known.first { $0.id == first.commands[0].id }?.stream == .bob)
            #expect(try await store.outcome(of: new.id) == nil)
            #expect(try await store.log().map(\.text) == ["first"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a known command goes before a conflict and a deleted stream`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let append = StreamAppend.of("a", expecting: .noStream, fingerprint: 1)
            try await store.store(append)
            #expect(try await store.known(append).map(\.version) == [1])
            try await store.delete(.ada, mode: .soft, expecting: .any)
            #expect(try await store.known(append).map(\.version) == [1])
        }
    }

    // case 9
    @Test(arguments: StoreKind.allCases)
    func `a command with event ids of the caller's choice is known again`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let events = [NewEvent.noted("a"), NewEvent.noted("b")]
            let command = CommandAppend(id: .fresh(), outcome: .events(events))
            let append = StreamAppend(stream: .ada, commands: [.of(["x"]), command])
            try await store.store(append)
            let known = try await store.known(StreamAppend(stream: .ada, commands: [command]))
            #expect(known.map(\.id) == [command.id])
            #expect(known.map(\.version) == [3])
            let all = try await store.log()
            #expect(known.map(\.outcome) == [.events(Array(all.dropFirst()))])
            #expect(all.dropFirst().map(\.id) == events.map(\.id))
        }
    }

    // case 15
    @Test(arguments: StoreKind.allCases)
    func `an event id that comes twice is refused with the whole append`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let event = NewEvent.noted("a")
            let twice = CommandAppend(id: .fresh(), outcome: .events([event, event]))
            let once = CommandAppend(id: .fresh(), outcome: .events([event]))
            let again = CommandAppend(id: .fresh(), outcome: .events([.noted("new"), event]))
            let inOne = await code { () throws(EventStoreError) in
                try await store.append(StreamAppend(stream: .ada, commands: [twice]))
            }
            #expect(inOne == .duplicateEvent(event.id))
            #expect(try await store.head() == 0)
            try await store.store(StreamAppend(stream: .ada, commands: [once]))
            let overTwo = await code { () throws(EventStoreError) in
                try await store.append(StreamAppend(stream: .bob, commands: [again]))
            }
            #expect(overTwo == .duplicateEvent(event.id))
            #expect(try await store.outcome(of: again.id) == nil)
            #expect(try await store.head() == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an event id that another command took first is refused although it follows from the command's`(
        _ kind: StoreKind
    ) async throws {
        try await kind.with { store async throws in
            let command = CommandAppend.of(["derived"])
            let thief = CommandAppend(id: .fresh(), outcome: .events([.noted("first", id: command.events[0].id)]))
            try await store.store(StreamAppend(stream: .bob, commands: [thief]))
            let refused = await code { () throws(EventStoreError) in
                try await store.append(StreamAppend(stream: .ada, commands: [command]))
            }
            #expect(refused == .duplicateEvent(command.events[0].id))
            #expect(try await store.log().map(\.text) == ["first"])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `a command id that stands in one append twice is refused`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let command = CommandAppend(id: .fresh(), fingerprint: 1, outcome: .nothing)
            let refused = await code { () throws(EventStoreError) in
                try await store.append(StreamAppend(stream: .ada, commands: [command, command]))
            }
            #expect(refused?.refusedField == "command id")
            #expect(try await store.outcome(of: command.id) == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `the same command many times at once is stored once`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            let append = StreamAppend.of("once", fingerprint: 1)
            let stored = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        if case .stored = try await store.append(append) { true } else { false }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(stored == 1)
            #expect(try await store.head() == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `an unknown command has no outcome`(_ kind: StoreKind) async throws {
        try await kind.with { store async throws in
            try await store.store(.of("a"))
            #expect(try await store.outcome(of: .fresh()) == nil)
        }
    }
}
