import Dispatch
import Histogram
import Skein
import SkeinPostgres

extension Workload {
    static let postgresLatency = Workload(
        name: "postgres-latency",
        summary: "from a command in one process to a handler in another, on an idle PostgreSQL server",
        needs: .server
    ) { setup in
        try await setup.withSchema { schema in
            let store = try await schema.store()
            let bus = CommandBus(store: store)
            let ids = Tally.ids(10)
            for id in ids { try await bus.send(.add(amount: 1), to: id) }
            let child = try BenchChild(.handle, schema)
            var lines = child.makeLines()
            _ = await lines.next()
            // It first catches up with what was stored before.
            for _ in ids { _ = await lines.next() }
            var fromSending = Latencies(numberOfSignificantValueDigits: .three)
            var fromReceipt = Latencies(numberOfSignificantValueDigits: .three)
            let end = ContinuousClock.now + .seconds(setup.seconds)
            var number = 0
            while ContinuousClock.now < end {
                let sent = DispatchTime.now().uptimeNanoseconds
                let receipt = try await bus.send(.add(amount: 1), to: ids[number % ids.count])
                let stored = DispatchTime.now().uptimeNanoseconds
                let handled = try time(of: receipt.position, in: await lines.next())
                _ = fromSending.record(max(1, handled - sent))
                _ = fromReceipt.record(handled > stored ? handled - stored : 1)
                number += 1
                try await Task.sleep(for: .milliseconds(20))
            }
            try child.finish()
            await child.waitUntilEnd()
            await store.close()
            return [
                figure("from the receipt to the handler", fromReceipt),
                figure("from sending to the handler", fromSending),
            ]
        }
    }

    private static func figure(_ label: String, _ latencies: Latencies) -> Figure {
        let median = Double(latencies.valueAtPercentile(50)) / 1e6
        return Figure(label: label, value: median, unit: "ms (p50)", latencies: latencies)
    }

    private static func time(of position: Int64, in line: String?) throws -> UInt64 {
        guard let line else { throw LibpqFailure(description: "the other process has ended") }
        let parts = line.split(separator: " ")
        guard parts.count == 2, Int64(parts[0]) == position, let time = UInt64(parts[1]) else {
            throw LibpqFailure(description: "the other process handled \(line), not position \(position)")
        }
        return time
    }
}
