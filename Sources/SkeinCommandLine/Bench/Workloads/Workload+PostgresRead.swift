import Histogram
import Skein
import SkeinPostgres

extension Workload {
    static let postgresRead = Workload(
        name: "postgres-read",
        summary: "loading an aggregate with 10,000 events, and reading a whole log, from PostgreSQL",
        needs: .server
    ) { setup in
        try await setup.withSchema { schema in
            let count = setup.logSize
            try await schema.fill(count: count, streamLength: 10_000)
            let store = try await schema.store()
            let loading = try await load(store, streams: count / 10_000, seconds: setup.seconds)
            let before = ProcessMemory.resident()
            var peak = before
            let reading = try await readLog(store, count: count) { peak = max(peak, ProcessMemory.resident()) }
            await store.close()
            let grown = Double(peak - before) / 1_048_576
            return [loading, reading, Figure(label: "memory while reading", value: grown, unit: "MiB more")]
        }
    }

    /// Loads aggregates that are not in memory, through the bus.
    private static func load(_ store: some EventStore, streams: Int, seconds: Double) async throws -> Figure {
        var latencies = Latencies(numberOfSignificantValueDigits: .three)
        let start = ContinuousClock.now
        var (now, number) = (start, 0)
        while now - start < .seconds(seconds) {
            // A new bus has nothing in memory.
            let bus = CommandBus(store: store)
            let total = try await bus.state(of: Tally.ID("tally-\(number % streams)")) { $0.total }
            guard total == 10_000 else { throw LibpqFailure(description: "a state came to \(total)") }
            number += 1
            let before = now
            now = ContinuousClock.now
            _ = latencies.record(UInt64(max(1, (now - before).nanoseconds)))
        }
        let rate = Double(number * 10_000) / (Double((now - start).nanoseconds) / 1e9)
        return Figure(label: "loading 10,000 events", value: rate, unit: "events/s", latencies: latencies)
    }

    /// Reads the whole log page by page and decodes each event; the next page is fetched meanwhile.
    private static func readLog(
        _ store: some EventStore,
        count: Int,
        afterEachTenth: () -> Void
    ) async throws -> Figure {
        let codec = JSONEventCoder().codec(for: Tally.Event.self)
        let start = ContinuousClock.now
        var (events, total, pages) = (0, 0, 0)
        var page = try await Self.page(of: store, after: 0)
        while !page.events.isEmpty {
            let position = page.scannedThrough
            async let following = Self.page(of: store, after: position)
            for event in page.events {
                if case .added(let amount) = try codec.decode(event.name, event.schemaVersion, event.payload) {
                    total += amount
                }
            }
            events += page.events.count
            pages += 1
            if pages.isMultiple(of: 10) { afterEachTenth() }
            page = try await following
        }
        guard events == count, total == count else {
            throw LibpqFailure(description: "the log has \(events) events, which come to \(total)")
        }
        let elapsed = Double((ContinuousClock.now - start).nanoseconds) / 1e9
        return Figure(label: "reading and decoding the log", value: Double(events) / elapsed, unit: "events/s")
    }

    private static func page(of store: some EventStore, after position: Int64) async throws -> LogPage {
        try await store.readLog(from: position, direction: .forward, filter: .all, limit: 1_000)
    }
}

extension BenchSchema {
    /// Fills the log with streams that take turns, at the server: through the store it would take minutes.
    func fill(count: Int, streamLength: Int) async throws {
        let (name, streams) = (name, count / streamLength)
        try await server.run { session in
            try session.run(
                """
                SET search_path TO \(name);
                INSERT INTO events (
                    position, version, fingerprint, recorded_at, id, command, schema_version, aggregate, aggregate_id,
                    name, correlation, causation, metadata, payload
                )
                SELECT i, (i - 1) / \(streams) + 1, 0, now(), lpad(to_hex(i), 32, '0')::uuid,
                    lpad(to_hex(i), 32, '1')::uuid, 1, 'Tally', 'tally-' || (i - 1) % \(streams), 'added',
                    lpad(to_hex(i), 32, '2')::uuid, lpad(to_hex(i), 32, '3')::uuid,
                    ('{"tenant":"acme","user":"u-' || i % 1000 || '"}')::json, '{"amount":1}'
                FROM generate_series(1, \(count)) AS i;
                """
            )
            // What the server does by itself in time; not while it is measured.
            try session.run("VACUUM ANALYZE \(name).events")
        }
    }
}
