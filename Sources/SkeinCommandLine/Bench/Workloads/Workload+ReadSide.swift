import Skein
import SkeinPostgres
import SkeinSQLite
import Synchronization

extension Workload {
    static let catchUp = Workload(
        name: "catch-up",
        summary: "a new subscription catching up with a log on SQLite, handler and projection"
    ) { setup in
        let path = setup.folder.newFile()
        let count = setup.logSize
        try await fill(path, count: count)
        let store = try await SQLiteEventStore(path: path)
        let before = ProcessMemory.resident()
        let single = try await catchUp(on: store, to: count, "one by one") { handled in
            Subscription("single") { On(Tally.self) { _ in handled.add(1, ordering: .relaxed) } }
        }
        let batches = try await catchUp(on: store, to: count, "in batches") { handled in
            Subscription("batches", batches: BatchSize(500)) {
                On.batch(Tally.self) { events in handled.add(events.count, ordering: .relaxed) }
            }
        }
        await store.close()
        let grown = Double(max(0, ProcessMemory.resident() - before)) / 1_048_576
        return [single, batches, Figure(label: "memory afterwards", value: grown, unit: "MiB more")]
    }

    static let postgresCatchUp = Workload(
        name: "postgres-catch-up",
        summary: "a new subscription catching up with a log on PostgreSQL, handler and projection",
        needs: .server
    ) { setup in
        try await setup.withSchema { schema in
            let count = setup.logSize
            try await schema.fill(count: count, streamLength: 10_000)
            let store = try await schema.store()
            let single = try await catchUp(on: store, to: count, "one by one") { handled in
                Subscription("single") { On(Tally.self) { _ in handled.add(1, ordering: .relaxed) } }
            }
            let batches = try await catchUp(on: store, to: count, "in batches") { handled in
                Subscription("batches", batches: BatchSize(500)) {
                    On.batch(Tally.self) { events in handled.add(events.count, ordering: .relaxed) }
                }
            }
            let projection = try await catchUp(on: store, to: count, "a projection, one row an event") { handled in
                Subscription(AmountsTable(handled: handled))
            }
            await store.close()
            return [single, batches, projection]
        }
    }

    static let hundredSubscriptions = Workload(
        name: "hundred-subscriptions",
        summary: "100 subscriptions to the same events of one bus, beside one"
    ) { setup in
        let one = try await follow(subscriptions: 1, setup)
        return [one, try await follow(subscriptions: 100, setup).against(one)]
    }

    /// How many events a second reach all subscriptions, while a sender keeps them busy.
    private static func follow(subscriptions count: Int, _ setup: BenchSetup) async throws -> Figure {
        let bus = CommandBus(store: InMemoryEventStore()) {
            (0..<count).map { number in Subscription("view-\(number)") { On(Tally.self) { _ in } } }
        }
        let ids = Tally.ids(1_000)
        let running = Task { try await bus.run() }
        let start = ContinuousClock.now
        var number = 0
        while ContinuousClock.now - start < .seconds(setup.seconds) {
            for _ in 0..<100 {
                try await bus.send(.add(amount: 1), to: ids[number % ids.count])
                number += 1
            }
            for view in 0..<count {
                try await bus.wait(for: "view-\(view)", toReach: Int64(number), within: .seconds(60))
            }
        }
        let elapsed = Double((ContinuousClock.now - start).nanoseconds) / 1e9
        running.cancel()
        _ = try? await running.value
        return Figure(
            label: "\(count) subscription\(count == 1 ? "" : "s")",
            value: Double(number * count) / elapsed,
            unit: "deliveries/s"
        )
    }

    /// Runs a bus with one subscription until that has the whole log.
    private static func catchUp(
        on store: some EventStore,
        to count: Int,
        _ label: String,
        _ subscription: (Counter) -> Subscription
    ) async throws -> Figure {
        let handled = Counter()
        let declared = subscription(handled)
        let bus = CommandBus(store: store) { declared }
        let start = ContinuousClock.now
        let running = Task { try await bus.run() }
        try await bus.wait(for: declared.name, toReach: Int64(count), within: .seconds(600))
        let elapsed = Double((ContinuousClock.now - start).nanoseconds) / 1e9
        running.cancel()
        _ = try? await running.value
        guard handled.value == count else {
            throw LibpqFailure(description: "\(handled.value) events were handled, not \(count)")
        }
        return Figure(label: label, value: Double(count) / elapsed, unit: "events/s")
    }

    private static func fill(_ path: String, count: Int) async throws {
        let store = try await SQLiteEventStore(path: path)
        let ids = Tally.ids(1_000)
        let size = 1_000
        for chunk in stride(from: 0, to: count, by: size) {
            let id = ids[chunk / size % ids.count]
            let commands = (chunk..<min(chunk + size, count)).map { number in
                let command = CommandID(high: 1, low: UInt64(number))
                let event = NewEvent(
                    id: EventID(command: command, ordinal: 0),
                    name: "added",
                    payload: Array(#"{"amount":1}"#.utf8)
                )
                return CommandAppend(id: command, outcome: .events([event]))
            }
            let stream = StreamID(aggregate: Tally.aggregateName, id: id.value)
            _ = try await store.append(StreamAppend(stream: stream, commands: commands))
        }
        await store.close()
    }
}

/// Counts from any thread.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add(_ more: Int, ordering: AtomicUpdateOrdering = .relaxed) {
        count.add(more, ordering: .relaxed)
    }
}

/// A row for each event, written many at a time.
private struct AmountsTable: Projection {
    let name = "amounts"
    let version = 1
    let tables = ["amounts"]
    let handled: Counter

    func makeTables(_ context: ProjectionContext<PostgresTransaction>) throws {
        try context.transaction.execute(
            "CREATE TABLE \(context.table("amounts")) (position bigint PRIMARY KEY, tally text, amount bigint)"
        )
    }

    var handlers: [Project<PostgresTransaction>] {
        [
            .batch(Tally.self) { events, context in
                let amounts = events.map { event in
                    if case .added(let amount) = event.event { Int64(amount) } else { Int64(0) }
                }
                try context.transaction.execute(
                    """
                    INSERT INTO \(context.table("amounts"))
                    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])
                    ON CONFLICT (position) DO UPDATE SET amount = excluded.amount
                    """,
                    .integers(events.map(\.position)),
                    .texts(events.map(\.aggregateID.value)),
                    .integers(amounts)
                )
                handled.add(events.count)
            }
        ]
    }
}
