import Skein

/// Senders of commands with metadata, half of them with an id that the sender chose.
struct PostgresSenders: Sendable {
    private let bus: CommandBus
    private let ids: [Tally.ID]

    /// Creates the senders' bus, and loads its aggregates into memory.
    init(_ store: some EventStore, aggregates: String = "tally", count: Int = 2_000) async throws {
        bus = CommandBus(store: store)
        ids = (0..<count).map { Tally.ID("\(aggregates)-\($0)") }
        let (bus, ids) = (bus, ids)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0..<64 {
                group.addTask {
                    for index in stride(from: part, to: ids.count, by: 64) {
                        try await bus.send(.add(amount: 1), to: ids[index])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    func send(from senders: Int, seconds: Double) async throws -> Figure {
        let (bus, ids) = (bus, ids)
        let run = UInt64.random(in: 0 ... .max)
        let label = "send, \(senders) sender\(senders == 1 ? "" : "s")"
        return try await Load(tasks: senders, seconds: seconds).run(label) { task, number in
            var options = CommandOptions(metadata: ["tenant": "acme", "user": "u-1"])
            if number.isMultiple(of: 2) {
                options.id = CommandID(high: run, low: UInt64(task) << 32 | UInt64(number))
            }
            let id = ids[Workload.spread(task, number) % ids.count]
            try await bus.send(.add(amount: number), to: id, options: options)
        }
    }
}
