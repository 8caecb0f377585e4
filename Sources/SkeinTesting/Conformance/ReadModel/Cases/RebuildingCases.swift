import Dispatch
import Skein
import Testing

extension ReadModelConformance {
    static var rebuilding: [Case] {
        [
            // Behaviour case 123.
            Case("rebuilding", "readers never see less than before, while writers go on") { stage in
                let bus = stage.bus(stage.balances())
                try await bus.open("ada")
                try await bus.deposit(1, to: "ada", times: 60)
                try await bus.whileRunning {
                    try await stage.reach(61, bus)
                    try await rebuildUnderWay(bus, stage)
                    let head = try await stage.store.head()
                    try await stage.reach(head, bus)
                    try check(try await stage.seen(), is: ["ada": Int(head) - 1])
                }
                try check(try await stage.tables(), is: ["balances__4"])
                try check(try await stage.store.checkpoint(of: "balances#rebuild"), is: nil)
            },
            Case("rebuilding", "a read that began before new tables take their place sees no less") { stage in
                let bus = stage.bus(stage.balances())
                try await bus.open("ada")
                try await bus.deposit(1, to: "ada", times: 10)
                let reading = Handover()
                try await bus.whileRunning {
                    try await stage.reach(11, bus)
                    async let seen = stage.table.read(stage.store, "balances") { reading.wait() }
                    await reading.arrived()
                    try await bus.rebuild("balances")
                    reading.goOn()
                    let balances = try await seen
                    try check(balances, is: ["ada": 10])
                }
            },
            Case("rebuilding", "an interrupted rebuild goes on where it was") { stage in
                let first = stage.bus(stage.balances())
                try await first.open("ada")
                try await first.deposit(1, to: "ada", times: 60)
                try await first.whileRunning { try await stage.reach(61, first) }
                let poison = stage.bus(stage.balances(refusing: 7), failure: FailurePolicy(retry: .stopAtOnce))
                try await poison.deposit(7, to: "ada")
                do {
                    try await poison.rebuild("balances")
                    try check(false, "a rebuild stops before what it cannot handle")
                } catch RebuildError.stopped {}
                try check(try await stage.seen(), is: ["ada": 60])
                try check(try await stage.tables(), is: ["balances__1", "balances__2"])
                let mended = stage.balances()
                try await stage.bus(mended).rebuild("balances")
                try check(try await stage.seen(), is: ["ada": 67])
                try check(mended.count < 30, "\(mended.count) events of 62 are what was left")
            },
        ]
    }

    static var versions: [Case] {
        [
            Case("versions", "a newer version is rebuilt when the bus runs, and the older one stops") { stage in
                let old = stage.bus(stage.balances())
                try await old.open("ada")
                try await old.deposit(5, to: "ada")
                try await old.whileRunning {
                    try await stage.reach(2, old)
                    try check(try await stage.seen(), is: ["ada": 5])
                    let new = stage.bus(stage.balances(version: 2, factor: 10), on: stage.other)
                    try await new.whileRunning {
                        try await new.deposit(1, to: "ada")
                        while try await stage.seen() != ["ada": 60] { await Task.yield() }
                        try await stage.reach(3, new)
                    }
                }
                let again = stage.bus(stage.balances())
                try await again.whileRunning {
                    let cause = try await end(of: again, before: 4, stage).cause
                    try check((cause as? ProjectionSuperseded)?.live, is: 2)
                }
                try check(try await stage.seen(), is: ["ada": 60])
            }
        ]
    }

    /// Rebuilds three times, while two read and one writes.
    private static func rebuildUnderWay(_ bus: CommandBus, _ stage: ReadModelStage<Store>) async throws {
        let isRebuilt = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<3 { try await bus.rebuild("balances") }
                isRebuilt.raise()
            }
            for _ in 0..<2 {
                group.addTask {
                    var (before, reads) = (60, 0)
                    while !isRebuilt.isUp || reads < 10 {
                        let now = try await stage.seen()["ada"] ?? 0
                        try check(now >= before, "\(now) follows \(before)")
                        (before, reads) = (now, reads + 1)
                    }
                }
            }
            group.addTask {
                for _ in 0..<900 where !isRebuilt.isUp { try await bus.deposit(1, to: "ada") }
            }
            try await group.waitForAll()
        }
    }
}

/// Lets a case do something while a read waits on its thread.
private final class Handover: Sendable {
    private let arrivals = AsyncStream.makeStream(of: Void.self)
    private let isDone = DispatchSemaphore(value: 0)

    /// Called by the read: waits, for a while at most, until the case goes on. A read that is repeated does not wait again.
    func wait() {
        arrivals.continuation.finish()
        _ = isDone.wait(timeout: .now() + 20)
        isDone.signal()
    }

    /// Called by the case: waits until the read waits.
    func arrived() async {
        for await _ in arrivals.stream {}
    }

    /// Called by the case: lets the read go on.
    func goOn() { isDone.signal() }
}
