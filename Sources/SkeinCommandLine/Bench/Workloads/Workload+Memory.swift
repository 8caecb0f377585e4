import Skein
import Synchronization

extension Workload {
    static let memory = Workload(
        name: "memory",
        summary: "64 senders to 1,000 aggregates on the in-memory store, events encoded to JSON"
    ) { setup in
        let load = Load(tasks: 64, seconds: setup.seconds)
        let hop = try await bareHop(load)
        return [hop, try await send(load, over: 1_000).against(hop)]
    }

    static let memoryOneSender = Workload(
        name: "memory-1",
        summary: "one sender to 1,000 aggregates on the in-memory store"
    ) { setup in
        let load = Load(tasks: 1, seconds: setup.seconds)
        let hop = try await bareHop(load)
        return [hop, try await send(load, over: 1_000).against(hop)]
    }

    /// A hop to one of many actors, found in a registry: the least that an actor per aggregate can cost.
    private static func bareHop(_ load: Load) async throws -> Figure {
        let ids = Tally.ids(1_000)
        let registry = Mutex(Dictionary(uniqueKeysWithValues: ids.map { ($0, BareActor()) }))
        return try await load.run("bare actor hop and look-up", unit: "hops/s") { task, number in
            let id = ids[spread(task, number) % ids.count]
            if let actor = registry.withLock({ $0[id] }) { await actor.add(1) }
        }
    }

    private static func send(_ load: Load, over count: Int) async throws -> Figure {
        let bus = CommandBus(store: InMemoryEventStore())
        let ids = Tally.ids(count)
        return try await load.run("send, \(load.tasks) senders") { task, number in
            try await bus.send(.add(amount: 1), to: ids[spread(task, number) % ids.count])
        }
    }

    /// A number that takes every task to other aggregates.
    static func spread(_ task: Int, _ number: Int) -> Int {
        (number &* 31 &+ task &* 17) & .max
    }
}

private actor BareActor {
    private var total = 0

    func add(_ amount: Int) {
        total += amount
    }
}
