import Skein

extension Workload {
    static let largeState = Workload(
        name: "large-state",
        summary: "commands to an aggregate whose state is a dictionary"
    ) { setup in
        let small = try await ledger(entries: 10, setup)
        return [small, try await ledger(entries: 100_000, setup).against(small)]
    }

    private static func ledger(entries: Int, _ setup: BenchSetup) async throws -> Figure {
        let bus = CommandBus(store: InMemoryEventStore())
        let id = Ledger.ID("ledger")
        _ = try await bus.send(.fill(entries: entries), to: id)
        return try await Load(tasks: 1, seconds: setup.seconds / 2).run("\(entries) entries") { _, number in
            try await bus.send(.set(entry: number % entries, amount: number), to: id)
        }
    }
}
