import Skein
import Testing

@Suite(.timeLimit(.minutes(1))) struct SnapshotTests {
    let tally = Tally.ID("x")

    // case 43
    @Test func `a snapshot is taken at each interval, once however many events a command has`() async throws {
        let stage = try Stage()
        var versions: [Int64?] = []
        for command in [.add(1), .add(1), .add(1), .addAll([1, 1]), .addAll([1, 1, 1, 1, 1, 1]), .add(1)]
            as [Tally.Command]
        {
            _ = stage.send(command, to: tally)
            versions.append(try await stage.store.base.snapshot(of: tally.stream)?.version)
        }
        #expect(versions == [nil, nil, 3, 3, 11, 12])
        #expect(stage.store.count(.saveSnapshot) == 3)
    }

    @Test func `a group takes one snapshot, of the state after all its commands`() async throws {
        let stage = try Stage()
        let gate = Gate()
        stage.store.hold(.append, at: gate)
        _ = stage.send(.add(1), to: tally)
        for _ in 0..<6 { _ = stage.send(.add(1), to: tally) }
        stage.open(gate)
        let snapshot = try #require(try await stage.store.base.snapshot(of: tally.stream))
        #expect(snapshot.version == 7)
        #expect(snapshot.shapeVersion == 2)
        #expect(String(decoding: snapshot.payload, as: UTF8.self).contains(#""sum":7"#))
        #expect(stage.store.count(.saveSnapshot) == 1)
    }

    @Test func `only what came after the snapshot is read`() async throws {
        let store = FaultyStore()
        let writer = CommandBus(store: store.base)
        for amount in 1...4 { try await writer.send(.add(amount), to: tally) }
        // Were the events before it read, the sum would tell.
        let snapshot = Snapshot(
            stream: tally.stream,
            version: 3,
            shapeVersion: 2,
            payload: Array(#"{"sum":100,"count":3}"#.utf8)
        )
        try await store.base.save(snapshot)
        let stage = try Stage(store: store)
        let state = stage.state(of: tally)
        #expect(state?.sum == 104)
        #expect(state?.count == 4)
        #expect(stage.send(.add(1), to: tally).value?.version == 5)
    }

    @Test func `a snapshot at the end of its stream is used`() async throws {
        let store = FaultyStore()
        for amount in 1...3 { try await CommandBus(store: store.base).send(.add(amount), to: tally) }
        let stage = try Stage(store: store)
        #expect(stage.state(of: tally)?.sum == 6)
        #expect(stage.store.count(.version) == 1)
        #expect(stage.lines.isEmpty)
    }

    // case 45
    @Test(arguments: [
        Snapshot(stream: Tally.ID("x").stream, version: 3, shapeVersion: 2, payload: [1], checksum: 0),
        Snapshot(stream: Tally.ID("x").stream, version: 3, shapeVersion: 2, payload: Array("{".utf8)),
        Snapshot(
            stream: Tally.ID("x").stream,
            version: 3,
            shapeVersion: 1,
            payload: Array(#"{"sum":9,"count":9}"#.utf8)
        ),
        Snapshot(
            stream: Tally.ID("x").stream,
            version: 3,
            shapeVersion: 3,
            payload: Array(#"{"sum":9,"count":9}"#.utf8)
        ),
        Snapshot(
            stream: Tally.ID("x").stream,
            version: 9,
            shapeVersion: 2,
            payload: Array(#"{"sum":9,"count":9}"#.utf8)
        ),
        Snapshot(
            stream: Tally.ID("x").stream,
            version: 0,
            shapeVersion: 2,
            payload: Array(#"{"sum":9,"count":9}"#.utf8)
        ),
        Snapshot(
            stream: Tally.ID("x").stream,
            version: -1,
            shapeVersion: 2,
            payload: Array(#"{"sum":9,"count":9}"#.utf8)
        ),
        Snapshot(
            stream: Tally.ID("x").stream,
            version: .max,
            shapeVersion: 2,
            payload: Array(#"{"sum":9,"count":9}"#.utf8)
        ),
    ])
    func `a snapshot that cannot be used is ignored with one line, and the state is right`(
        _ snapshot: Snapshot
    ) async throws {
        let store = FaultyStore()
        for amount in 1...4 { try await CommandBus(store: store.base).send(.add(amount), to: tally) }
        try await store.base.deleteSnapshot(of: tally.stream)
        try await store.base.save(snapshot)
        let stage = try Stage(store: store)
        #expect(stage.state(of: tally)?.sum == 10)
        #expect(stage.lines(with: "snapshot is ignored").count == 1)
        #expect(stage.send(.add(1), to: tally).value?.version == 5)
    }

    @Test func `a snapshot without a stream is ignored`() async throws {
        let stage = try Stage()
        let payload = Array(#"{"sum":9,"count":9}"#.utf8)
        try await stage.store.base.save(Snapshot(stream: tally.stream, version: 3, shapeVersion: 2, payload: payload))
        #expect(stage.state(of: tally)?.sum == 0)
        #expect(stage.lines(with: "snapshot is ignored").count == 1)
    }

    @Test func `a store that cannot keep or give snapshots does not fail commands`() throws {
        let stage = try Stage()
        stage.store.always(.saveSnapshot) { () throws(EventStoreError) in throw EventStoreError(.full, "full") }
        stage.store.always(.snapshot) { () throws(EventStoreError) in throw EventStoreError(.corrupt, "bad") }
        #expect(stage.send(.addAll([1, 2, 3]), to: tally).value?.version == 3)
        #expect(stage.lines(with: "could not be saved").count == 1)
        #expect(stage.lines(with: "snapshot is ignored").count == 1)
        #expect(stage.state(of: tally)?.sum == 6)
    }

    @Test func `an aggregate without snapshots asks for none`() throws {
        let stage = try Stage()
        _ = stage.send(.open(owner: "Ada"), to: .ada)
        #expect(stage.store.count(.snapshot) == 0)
    }
}
