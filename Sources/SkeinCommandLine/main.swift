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

import Glibc
nonisolated(unsafe) var last = 0.0
actor Bare { var n = 0; func bump() -> Int { n += 1; return n } }
func cpuNow() -> Double { var u = timespec(); clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &u); return Double(u.tv_sec) + Double(u.tv_nsec)/1e9 }
func bare() async {
    let actors = (0..<1000).map { _ in Bare() }
    let c0 = cpuNow(); let t0 = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in
        for t in 0..<64 { group.addTask { for i in 0..<20000 { _ = await actors[(i &* 31 &+ t &* 17) % 1000].bump() } } }
    }
    let d = ContinuousClock.now - t0
    print("bare hop cpu us", (cpuNow() - c0) * 1e6 / 1_280_000, "wall ns", Double(d.components.attoseconds)/1e9/1_280_000 + Double(d.components.seconds)*1e9/1_280_000)
}
func run() async throws {
    await bare()
    for _ in 0..<3 {
        let bus = CommandBus(store: InMemoryEventStore())
        let ids = (0..<1000).map { Counter.ID("counter-\($0)") }
        let tasks = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2])! : 64
        let per = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1])! : 20_000
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
        var u = timespec(); clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &u); let cpu = Double(u.tv_sec) + Double(u.tv_nsec)/1e9; print("cpu us/cmd", (cpu - last) * 1e6 / Double(tasks * per)); last = cpu
        print(Double(tasks * per) / (Double(d.components.attoseconds) / 1e18 + Double(d.components.seconds)), "commands/s")
    }
}
try await Task.detached { try await run() }.value
