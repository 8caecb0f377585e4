import Histogram
import Skein
import SkeinPostgres

extension Workload {
    static let postgresRaw = Workload(
        name: "postgres-raw",
        summary: "the store's own append over bare libpq, one connection, no bus",
        needs: .server
    ) { setup in
        try await setup.withSchema { schema in
            var figures: [Figure] = []
            for size in [1, 16, 64, 256, 1_024] {
                figures.append(
                    try await schema.server.run { session in
                        try session.run("SET search_path TO \(schema.name); SET plan_cache_mode TO force_generic_plan")
                        try session.run("SET enable_seqscan TO off; SET enable_bitmapscan TO off; SET jit TO off")
                        return try appendRaw(size, over: session, seconds: setup.seconds)
                    }
                )
            }
            return figures
        }
    }

    private static func appendRaw(_ size: Int, over session: LibpqSession, seconds: Double) throws -> Figure {
        try session.prepare("append", size == 1 ? AppendStatement.next.sql : AppendStatement.optimistic.sql)
        let payload = Array(#"{"amount":123456}"#.utf8)
        let metadata = Array(#"{"tenant":"acme","user":"u-1"}"#.utf8)
        var parameters = RawParameters()
        var samples: [Int64] = []
        let start = ContinuousClock.now
        var (now, number) = (start, 0)
        while now - start < .seconds(seconds) {
            if size == 1 {
                parameters.write(number, streams: 2_000, payload: payload, metadata: metadata)
            } else {
                parameters.write(size, from: number, streams: max(size, 2_000), payload: payload, metadata: metadata)
            }
            try session.run(prepared: "append", parameters)
            number += size
            let before = now
            now = ContinuousClock.now
            samples.append((now - before).nanoseconds)
        }
        var latencies = Latencies(numberOfSignificantValueDigits: .three)
        for sample in samples { _ = latencies.record(UInt64(max(1, sample))) }
        let rate = Double(number) / (Double((now - start).nanoseconds) / 1e9)
        return Figure(label: "bare libpq, groups of \(size)", value: rate, unit: "events/s", latencies: latencies)
    }
}

extension RawParameters {
    /// The parameters of a single event, to one of some streams in turn.
    fileprivate mutating func write(_ number: Int, streams: Int, payload: [UInt8], metadata: [UInt8]) {
        func id(_ kind: UInt64) -> CommandID { CommandID(high: kind << 32 | 1, low: UInt64(number)) }
        removeAll()
        add(0)
        add { $0.append(id(1)) }
        add(Int64(number / streams + 1))
        add(0)
        add(800_000_000_000_000)
        add { $0.append(id(2)) }
        add { $0.append(bigEndian: Int32(1)) }
        add { $0 += Array("Tally".utf8) }
        add { $0 += Array("raw-1-\(number % streams)".utf8) }
        add { $0 += Array("added".utf8) }
        for kind in [3, 4] as [UInt64] { add { $0.append(id(kind)) } }
        add { $0 += metadata }
        add { $0 += payload }
        // Nobody else writes: the log ends with the event before.
        add(Int64(number))
    }

    /// The parameters of `append_known`: a group of single events to streams of its size's own.
    fileprivate mutating func write(_ size: Int, from start: Int, streams: Int, payload: [UInt8], metadata: [UInt8]) {
        func id(_ kind: UInt64, _ index: Int) -> CommandID {
            CommandID(high: kind << 32 | UInt64(size), low: UInt64(start + index))
        }
        removeAll()
        add(0)
        addArray(2950, count: size) { index, bytes in bytes.append(id(1, index)) }
        addArray(25, count: size) { _, bytes in bytes += Array("Tally".utf8) }
        addArray(25, count: size) { index, bytes in bytes += Array("raw-\(size)-\((start + index) % streams)".utf8) }
        addArray(20, count: size) { index, bytes in bytes.append(bigEndian: Int64((start + index) / streams + 1)) }
        addArray(25, count: size) { _, bytes in bytes += Array("added".utf8) }
        addArray(23, count: size) { _, bytes in bytes.append(bigEndian: Int32(1)) }
        addArray(1184, count: size) { _, bytes in bytes.append(bigEndian: Int64(800_000_000_000_000)) }
        addArray(20, count: size) { _, bytes in bytes.append(bigEndian: Int64(0)) }
        addArray(2950, count: size) { index, bytes in bytes.append(id(2, index)) }
        for kind in [1, 3, 4] as [UInt64] {
            addArray(2950, count: size) { index, bytes in bytes.append(id(kind, index)) }
        }
        addArray(114, count: size) { _, bytes in bytes += metadata }
        addArray(17, count: size) { _, bytes in bytes += payload }
    }
}
