import Skein
import Testing

/// What cannot be stored changes nothing.
@Suite(.timeLimit(.minutes(1))) struct UnchangedTests {
    let garden = Thermometer.ID("garden")

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that cannot be written is refused with its path and changes nothing`(_ number: Double) async throws {
        let stage = try Stage()
        _ = stage.send(.measure(celsius: 20), to: garden)
        guard case .coding(let error)? = stage.send(.measure(celsius: number), to: garden).error else {
            Issue.record("it was stored")
            return
        }
        #expect(error.code == .unencodable)
        #expect(error.codingPath.hasSuffix("celsius"))
        #expect(stage.state(of: garden)?.last == 20)
        #expect(stage.send(.measure(celsius: 21), to: garden).value?.version == 2)
        #expect(try await stage.store.head() == 2)
    }

    @Test func `a command that cannot be stored does not disturb those beside it`() throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.measure(celsius: 1), to: garden)
        let before = stage.send(.measure(celsius: 2), to: garden)
        let bad = stage.send(.measure(celsius: .nan), to: garden)
        let after = stage.send(.measure(celsius: 3), to: garden)
        stage.open(gate)
        #expect(before.value?.version == 2)
        #expect(bad.error == .coding(EventCodingError(.unencodable, name: "Event", reason: "")))
        #expect(after.value?.version == 3)
        #expect(stage.state(of: garden)?.count == 3)
    }

    // case 7
    @Test func `a command that makes more events than an append takes is refused with both figures`() async throws {
        let stage = try Stage()
        let sent = stage.send(.fill(count: 5_001), to: garden)
        guard case .invalidInput(let input)? = sent.error else {
            Issue.record("it was stored")
            return
        }
        #expect(input.reason.contains("5001") && input.reason.contains("5000"))
        #expect(stage.state(of: garden)?.count == 0)
        #expect(stage.send(.fill(count: 5_000), to: garden).value?.version == 5_000)
    }

    @Test func `a payload over the limit is refused and changes nothing`() async throws {
        let store = FaultyStore(InMemoryEventStore(limits: EventStoreLimits(payloadBytes: 40)))
        let stage = try Stage(store: store)
        let long = String(repeating: "x", count: 41)
        #expect(stage.send(.open(owner: long), to: .ada).error?.refusedField == "payload")
        #expect(stage.state(of: .ada)?.owner == nil)
        #expect(stage.send(.open(owner: "Ada"), to: .ada).value?.version == 1)
    }

    @Test func `an append that fails changes nothing in memory`() throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        let first = stage.send(.open(owner: "Ada"), to: .ada)
        stage.store.fail(.append, .full)
        let group = (0..<3).map { _ in stage.send(.deposit(amount: 1), to: .ada) }
        stage.open(gate)
        #expect(first.value?.version == 1)
        for sent in group { #expect(sent.error == .store(EventStoreError(.full, ""))) }
        #expect(stage.state(of: .ada)?.balance == 0)
        #expect(stage.send(.deposit(amount: 1), to: .ada).value?.version == 2)
    }

    @Test func `a large state is not copied by commands, replies and reads`() async throws {
        let bus = CommandBus(store: InMemoryEventStore())
        let hoard = Hoard.ID("x")
        for item in 0..<3 { try await bus.send(.put(item), to: hoard) }
        await withTaskGroup { group in
            for item in 3..<10 { group.addTask { _ = try? await bus.send(.put(item), to: hoard) { $0.count } } }
        }
        let (count, copies) = try await bus.state(of: hoard) { ($0.count, $0.copies) }
        #expect(count == 100_010)
        #expect(copies == 0)
    }
}
