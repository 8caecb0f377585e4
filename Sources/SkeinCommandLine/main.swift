import Skein

struct Counter: Aggregate {
    enum Command: Sendable { case add(amount: Int) }
    enum Event: DomainEvent { case added(amount: Int) }
    typealias Rejection = Never
    var total = 0
    func decide(_ command: Command) throws(Never) -> [Event] {
        switch command { case .add(let amount): [.added(amount: amount)] }
    }
    mutating func apply(_ event: Event) {
        switch event { case .added(let amount): total += amount }
    }
}

func run() async throws {
    for _ in 0..<3 {
        let bus = CommandBus(store: InMemoryEventStore())
        let ids = (0..<1000).map { Counter.ID("counter-\($0)") }
        let tasks = 64
        let per = 20_000
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for t in 0..<tasks {
                group.addTask {
                    for i in 0..<per {
                        try await bus.send(.add(amount: 1), to: ids[(i &* 31 &+ t &* 17) % 1000])
                    }
                }
            }
            try await group.waitForAll()
        }
        let d = ContinuousClock.now - start
        print(Double(tasks * per) / (Double(d.components.attoseconds) / 1e18 + Double(d.components.seconds)), "commands/s")
    }
}
try await Task.detached { try await run() }.value
