import Histogram
import Skein
import SkeinPostgres
import SkeinSQLite
import Synchronization

extension Workload {
    static let live = Workload(
        name: "live",
        summary: "from a receipt to a handler in the same process, at 5,000 events a second, in memory and on SQLite"
    ) { setup in
        let memory = try await live(on: InMemoryEventStore(), "in memory", setup.seconds)
        let store = try await SQLiteEventStore(path: setup.folder.newFile())
        let file = try await live(on: store, "on SQLite", setup.seconds)
        await store.close()
        return memory + file
    }

    static let postgresLive = Workload(
        name: "postgres-live",
        summary: "from a receipt to a handler in the same process, at 5,000 events a second, on PostgreSQL",
        needs: .server
    ) { setup in
        try await setup.withSchema { schema in
            let store = try await schema.store()
            let figures = try await live(on: store, "on PostgreSQL", setup.seconds)
            await store.close()
            return figures
        }
    }

    private static func live(on store: some EventStore, _ place: String, _ seconds: Double) async throws -> [Figure] {
        let handled = Moments()
        let bus = CommandBus(store: store) {
            Subscription("live") { On(Tally.self) { handled.note($0.position) } }
        }
        let running = Task { try await bus.run() }
        // Connections are opened, aggregates come into memory and the subscription takes its lease.
        _ = try await send(5_000, for: min(seconds, 0.5), to: bus) { _ in }
        let stored = Moments()
        let elapsed = try await send(5_000, for: seconds, to: bus) { stored.note($0) }
        let starts = stored.all
        try await bus.wait(for: "live", toReach: starts.keys.max() ?? 0, within: .seconds(60))
        running.cancel()
        _ = try? await running.value
        var latencies = Latencies(numberOfSignificantValueDigits: .three)
        let ends = handled.all.filter { starts[$0.key] != nil }
        for (position, moment) in starts {
            // A handler may be there before the sender is.
            let passed = ends[position].map { ($0 - moment).nanoseconds } ?? .max
            _ = latencies.record(UInt64(max(1, passed)))
        }
        let median = Double(latencies.valueAtPercentile(50)) / 1e6
        return [
            Figure(label: "receipt to handler, \(place)", value: median, unit: "ms (p50)", latencies: latencies),
            Figure(label: "events that came, \(place)", value: Double(ends.count) / elapsed, unit: "events/s"),
        ]
    }

    /// Sends as evenly as the machine allows, from 50 senders; returns how many seconds it took.
    private static func send(
        _ rate: Int,
        for seconds: Double,
        to bus: CommandBus,
        whenStored: @escaping @Sendable (Int64) -> Void
    ) async throws -> Double {
        let ids = Tally.ids(1_000)
        let senders = 50
        let clock = ContinuousClock()
        let start = clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<senders {
                group.addTask {
                    for number in 0..<Int(Double(rate) * seconds) / senders {
                        let turn = number * senders + sender
                        try await clock.sleep(until: start + .nanoseconds(1_000_000_000 / rate * turn))
                        whenStored(try await bus.send(.add(amount: 1), to: ids[turn % ids.count]).position)
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double((clock.now - start).nanoseconds) / 1e9
    }
}

/// When something happened, by the position of an event.
private final class Moments: Sendable {
    private let moments = Mutex<[Int64: ContinuousClock.Instant]>([:])

    var all: [Int64: ContinuousClock.Instant] { moments.withLock { $0 } }

    func note(_ position: Int64) {
        let now = ContinuousClock.now
        moments.withLock { $0[position] = now }
    }
}
