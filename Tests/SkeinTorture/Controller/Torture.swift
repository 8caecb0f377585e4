import Foundation
import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting

/// A server, its proxies, the workers, and what happens to them.
actor Torture {
    let folder: String
    let seed: UInt64
    let kinds: [Fault]
    let server: PostgresServer
    let database: String
    let proxies: [Proxy]
    let recorder = HistoryRecorder(environment: .machine)
    var random: SeededRandom
    var workers: [Worker] = []
    var finished: [Worker] = []
    var injected: [Fault: Int] = [:]
    var hits: [Fault: Int] = [:]
    var problems: [String] = []
    private var generation = 0

    init(folder: String, workers: Int, seed: UInt64, kinds: [Fault]) async throws {
        self.folder = folder
        self.seed = seed
        self.kinds = kinds
        let server = try await PostgresServer()
        self.server = server
        database = try await server.makeDatabase()
        proxies = try (0..<workers).map { _ in try Proxy(to: server.socket) }
        random = SeededRandom(seed: seed)
    }

    /// Stops everything that was started.
    func end() async {
        for worker in workers { worker.child.signal(SIGKILL) }
        await server.end()
    }

    func run(for time: Duration) async throws -> TortureReport {
        let start = ContinuousClock.now
        try await openAccounts()
        for slot in proxies.indices { try await startWorker(slot) }
        await inject(until: ContinuousClock.now + time)
        try await drain()
        return try await judge(since: start)
    }

    /// Whether a handler inside the appends writes a row for each event; without one, appends go another way.
    var keepsEntries: Bool { seed.isMultiple(of: 2) }

    /// A bus that does inside its appends what those of the workers do.
    func makeBus(_ store: PostgresEventStore) -> CommandBus {
        CommandBus(store: store, transactionalHandlers: keepsEntries ? [Entries.handler] : [])
    }

    /// A random number within a range, from the run's seed.
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// Starts a worker in a slot and waits until it works; the same slot may have had others before.
    func startWorker(_ slot: Int) async throws {
        generation += 1
        let worker = try Worker(
            slot: slot,
            node: "worker-\(slot).\(generation)",
            folder: folder,
            connection: server.connection(to: database, through: proxies[slot].port),
            seed: random.next(),
            keepsEntries: keepsEntries
        )
        workers.append(worker)
        if await !worker.wait(for: "ready", within: .seconds(40)) {
            problems.append("\(worker.node) did not start: \(worker.complaints)")
        }
    }

    /// Takes note that a worker has ended.
    func remove(_ worker: Worker) {
        workers.removeAll { $0 === worker }
        finished.append(worker)
    }

    private func openAccounts() async throws {
        let store = try await openStore()
        if keepsEntries { try await store.transact { _ = try $0.execute(Entries.table) } }
        let bus = recorder.recording(makeBus(store), as: "controller/opening")
        for account in Bank.accounts { try await bus.send(.open(balance: Bank.openingBalance), to: account) }
        await store.close()
    }

    func openStore() async throws -> PostgresEventStore {
        try await PostgresEventStore(server.connection(to: database))
    }

    private func inject(until end: ContinuousClock.Instant) async {
        var left: [Fault] = []
        while ContinuousClock.now < end {
            if left.isEmpty { left = kinds.shuffled(using: &random) }
            let fault = left.removeLast()
            do {
                injected[fault, default: 0] += 1
                let count = try await inject(fault)
                if count > 0 { hits[fault, default: 0] += count }
                recorder.note("fault \(fault.rawValue): \(count)", at: "controller")
            } catch {
                problems.append("the fault \(fault.rawValue) failed: \(error)")
            }
            await replaceDead()
            try? await Task.sleep(for: .milliseconds(pick(100...500)))
        }
    }

    /// A worker that has ended by itself is a finding; another one takes its place.
    private func replaceDead() async {
        for worker in workers where !worker.child.isRunning {
            let exit = await worker.child.exit()
            problems.append("\(worker.node) ended by itself, \(exit): \(worker.complaints)")
            remove(worker)
            do { try await startWorker(worker.slot) } catch { problems.append("no worker could be started: \(error)") }
        }
    }
}
