import Skein

extension Workload {
    static let slowHandler = Workload(
        name: "slow-handler",
        summary: "sending while a handler sleeps 10 ms an event, beside sending without a handler"
    ) { setup in
        let free = try await send(setup, handler: nil)
        let before = ProcessMemory.resident()
        let slowed = try await send(setup, handler: SleepyHandler())
        // The store keeps the events in memory; what is held beside them is what counts.
        let grown = Double(ProcessMemory.resident() - before) / 1_048_576
        return [
            free, slowed.against(free),
            Figure(label: "memory, with the stored events", value: grown, unit: "MiB more"),
        ]
    }

    private static func send(_ setup: BenchSetup, handler: SleepyHandler?) async throws -> Figure {
        let bus = CommandBus(store: InMemoryEventStore()) {
            if let handler { Subscription("sleepy", handler, durability: .ephemeral) }
        }
        let ids = Tally.ids(1_000)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            let load = Load(tasks: 64, seconds: setup.seconds)
            let figure = try await load.run(handler == nil ? "send, no handler" : "send, slow handler") {
                task,
                number in
                try await bus.send(.add(amount: 1), to: ids[spread(task, number) % ids.count])
            }
            group.cancelAll()
            return figure
        }
    }
}

private struct SleepyHandler: EventHandler {
    func handle(_ event: RecordedEvent<Tally>) async throws {
        try await Task.sleep(for: .milliseconds(10))
    }
}
