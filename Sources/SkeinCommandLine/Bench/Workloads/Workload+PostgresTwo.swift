import Skein

extension Workload {
    static let postgresTwo = Workload(
        name: "postgres-two",
        summary: "two processes with 128 senders each, beside one process, on one PostgreSQL database",
        needs: .server
    ) { setup in
        try await setup.withSchema { schema in
            let one = try await send(from: [128], schema, setup)
            let large = try await send(from: [256], schema, setup)
            let two = try await send(from: [128, 128], schema, setup)
            return [one, large, two.against(one), two.against(large)]
        }
    }

    /// Senders in processes of their own, so that one and two processes are measured in the same way.
    private static func send(
        from senders: [Int],
        _ schema: BenchSchema,
        _ setup: BenchSetup
    ) async throws -> Figure {
        let children = try senders.map { try BenchChild(.send, schema, senders: $0, seconds: setup.seconds) }
        var outputs = children.map { $0.makeLines() }
        // All are ready before the first one starts.
        for index in outputs.indices { _ = await outputs[index].next() }
        for child in children { try child.start() }
        var total = 0.0
        for index in outputs.indices {
            guard let line = await outputs[index].next(), let rate = Double(line) else {
                throw LibpqFailure(description: "a further process failed")
            }
            total += rate
        }
        for child in children { await child.waitUntilEnd() }
        let counts = senders.map(String.init).joined(separator: " and ")
        let label = "\(senders.count) process\(senders.count == 1 ? "" : "es"), \(counts) senders"
        return Figure(label: label, value: total, unit: "commands/s")
    }
}
