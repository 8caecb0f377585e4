import Skein

extension Workload {
    static let residents = Workload(
        name: "residents",
        summary: "the memory of aggregates that are idle, and of many ids under a residency limit"
    ) { setup in
        [try await idleAggregate(), try await growthUnderLimit()]
    }

    private static func idleAggregate() async throws -> Figure {
        let count = 100_000
        var configuration = BusConfiguration()
        configuration.residentLimit = 2 * count
        let bus = try CommandBus(store: InMemoryEventStore(), configuration: configuration)
        // What is allocated once, by the first commands, does not count.
        try await touch(0..<1_000, of: bus)
        let before = ProcessMemory.resident()
        try await touch(1_000..<1_000 + count, of: bus)
        let grown = ProcessMemory.resident() - before
        return Figure(label: "an idle aggregate, id included", value: Double(grown) / Double(count), unit: "bytes")
    }

    private static func growthUnderLimit() async throws -> Figure {
        var configuration = BusConfiguration()
        configuration.residentLimit = 10_000
        let bus = try CommandBus(store: InMemoryEventStore(), configuration: configuration)
        try await touch(0..<50_000, of: bus)
        let before = ProcessMemory.resident()
        try await touch(50_000..<1_000_000, of: bus)
        let grown = ProcessMemory.resident() - before
        return Figure(label: "950,000 more ids, 10,000 resident", value: Double(grown) / 1_048_576, unit: "MiB more")
    }

    /// Loads aggregates; nothing is stored, so that the store's memory stays out of the figure.
    private static func touch(_ numbers: Range<Int>, of bus: CommandBus) async throws {
        for number in numbers {
            _ = try await bus.send(.look, to: Tally.ID("tally-\(number)"))
        }
    }
}
