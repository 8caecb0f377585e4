import Skein
import SkeinTesting

/// Keeps a read model and rebuilds it in as few words as it takes to be right; or with one thing wrong.
///
/// The number of the tables that readers see is kept in the transactions themselves. Whatever goes wrong with the store, the
/// keeper begins again where the checkpoint is, and a rebuild is given up.
struct PlainReadModel: Sendable {
    private static let name = "totals"
    private static let rebuild = "totals#rebuild"
    private static let live = "totals.live"

    let host: SimulatedHost
    let store: any TransactionalEventStore<InMemoryTransaction>
    let control: ReadModelControl

    init(_ host: SimulatedHost, _ control: ReadModelControl) throws {
        guard let store = host.store as? any TransactionalEventStore<InMemoryTransaction> else {
            throw EventStoreError(.unsuitable, "the store has no transactions")
        }
        self.host = host
        self.store = store
        self.control = control
    }

    private static func table(_ number: Int) -> String { "\(name)__\(number)" }

    private func pause(_ duration: Duration) async throws {
        try await host.configuration.environment.time.sleep(for: duration)
    }

    // MARK: Keeping

    func run() async throws {
        while !Task.isCancelled {
            do {
                try await keep()
            } catch {
                try await pause(.milliseconds(20))
            }
        }
    }

    private func keep() async throws {
        let lease: Duration = .milliseconds(300)
        let answer = try await store.acquireLease(on: Self.name, for: host.name, lasting: lease)
        guard case .acquired(var checkpoint, _) = answer else { return try await pause(.milliseconds(50)) }
        while true {
            let page = try await page(after: checkpoint.position)
            try await store.renewLease(of: checkpoint, lasting: lease)
            if page.scannedThrough > checkpoint.position {
                checkpoint = try await move(checkpoint, to: page.scannedThrough) { transaction in
                    let number: Int = try transaction.value(of: Self.live) ?? 1
                    try transaction.set(number, of: Self.live)
                    if number == 1 { try transaction.show(table: Self.table(1), as: Self.name) }
                    try transaction.add(page.events, in: Self.table(number))
                }
            }
            if page.events.isEmpty { try await pause(.milliseconds(10)) }
        }
    }

    private func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        _ write: @escaping @Sendable (InMemoryTransaction) throws -> Void
    ) async throws -> Checkpoint {
        guard control == .writesBesideTheMove else {
            return try await store.move(checkpoint, to: position, changing: [], running: write)
        }
        let moved = try await store.move(checkpoint, to: position)
        try await store.transact(write)
        return moved
    }

    private func page(after position: Int64, limit: Int = 5) async throws -> LogPage {
        try await store.readLog(from: position, direction: .forward, filter: .all, limit: limit)
    }

    // MARK: Rebuilding

    func rebuild() async throws {
        guard let number = try await host.world.store.value(Int.self, of: Self.live) else { return }
        guard control != .rebuildsInPlace else { return try await empty(Self.table(number)) }
        let next = Self.table(number + 1)
        var lock = try await store.claimCheckpoint(of: Self.rebuild)
        let start = control == .beginsAtTheHead ? try await store.head() : 0
        lock = try await store.move(lock, to: start, changing: []) { transaction in
            try transaction.set([String: Int](), of: next)
        }
        // Near the end first, so that the keeper is held up only for what is left then.
        lock = try await fill(next, lock, through: try await store.head())
        var main = try await claimMain()
        lock = try await fill(next, lock, through: main.position)
        let reached = control == .keepsTheOldCheckpoint ? main.position : max(main.position, lock.position)
        let show: @Sendable (InMemoryTransaction) throws -> Void = { transaction in
            try transaction.show(table: next, as: Self.name)
            try transaction.set(number + 1, of: Self.live)
        }
        if control == .switchesUnfenced {
            try await store.transact(show)
        } else {
            main = try await store.move(main, to: reached, changing: [], ending: lock, running: show)
        }
    }

    /// Takes the old tables from their keeper, who finds that out with its next move.
    private func claimMain() async throws -> Checkpoint {
        guard control == .switchesUnfenced else { return try await store.claimCheckpoint(of: Self.name) }
        guard let found = try await store.checkpoint(of: Self.name) else { throw EventStoreError(.transient, "none") }
        return found
    }

    private func fill(_ table: String, _ lock: Checkpoint, through end: Int64) async throws -> Checkpoint {
        var lock = lock
        while lock.position < end {
            let page = try await page(after: lock.position)
            lock = try await store.move(lock, to: page.scannedThrough, changing: []) { transaction in
                try transaction.add(page.events, in: table)
            }
            if control == .switchesTooEarly { break }
        }
        return lock
    }

    private func empty(_ table: String) async throws {
        let main = try await store.claimCheckpoint(of: Self.name)
        _ = try await store.move(main, to: 0, changing: []) { transaction in
            try transaction.set([String: Int](), of: table)
        }
    }
}

extension InMemoryTransaction {
    /// Adds what was deposited to the accounts' totals.
    fileprivate func add(_ events: [StoredEvent], in table: String) throws {
        var totals: [String: Int] = try value(of: table) ?? [:]
        let codec = JSONEventCoder().codec(for: BankAccount.Event.self)
        for event in events {
            let decoded = try codec.decode(event.name, event.schemaVersion, event.payload)
            let amount = if case .deposited(let amount) = decoded { amount } else { 0 }
            totals[event.stream.id, default: 0] += amount
        }
        try set(totals, of: table)
    }
}
