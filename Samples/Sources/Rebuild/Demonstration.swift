import ServiceLifecycle
import Skein
import SkeinSQLite

/// Fills a database, lets the bus keep the table of best sellers, and rebuilds the table in full view.
///
/// Told to shut down, it leaves everything so that the next run goes on, and leaves ``summary`` nil.
actor Demonstration: Service {
    private let store: SQLiteEventStore
    private let bus: CommandBus
    private let bestSellers: BestSellers
    private let sales: MadeUpSales
    private let tillCount: Int
    private let database: String
    /// Tells the user something that is part of the result.
    private let tell: @Sendable (String) -> Void

    private(set) var summary: Summary?

    init(
        on store: SQLiteEventStore,
        _ bus: CommandBus,
        sales: MadeUpSales,
        tills: Int,
        database: String,
        telling tell: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.bus = bus
        self.sales = sales
        tillCount = tills
        self.database = database
        self.tell = tell
        bestSellers = BestSellers(in: store)
    }

    func run() async throws {
        guard try await fill(), try await catchUp() else { return }
        let before = try await bestSellers.view(top: 5)
        tell("Best sellers, of \(before.copies) copies in all:\n\(Summary.list(before.top))")
        guard let run = try await rebuildInFullView() else { return }
        summary = try await sumUp(run)
    }

    // MARK: Before

    /// Stores the sales that the database begins with, unless they are there; false if it is to end.
    private func fill() async throws -> Bool {
        guard try await !bus.state(of: Catalogue.id, { $0.isComplete }) else { return true }
        try await bus.send(.begin(sales), to: Catalogue.id)
        let bar = ProgressBar("Storing \(sales.count) sales")
        guard try await Filling(of: sales, into: store).run(bar) else { return false }
        try await bus.send(.complete, to: Catalogue.id)
        return true
    }

    /// Waits until the table has all that is stored; false if it is to end.
    private func catchUp() async throws -> Bool {
        let head = try await store.head()
        let bar = ProgressBar("Keeping the table")
        defer { bar.finish() }
        while !Task.isShuttingDownGracefully {
            do {
                try await bus.wait(for: BestSellerTable.subscription, toReach: head, within: .milliseconds(200))
                return true
            } catch .timeout(_, let reached, _) {
                let rate = bus.router.statuses.first?.rate ?? 0
                let timeLeft: Duration? = rate > 0 ? .seconds(Double(head - reached) / rate) : nil
                bar.show(Double(reached) / Double(head), rate: rate, timeLeft: timeLeft)
            } catch {
                throw Complaint.failure("the table cannot be kept: \(error)")
            }
        }
        return false
    }

    // MARK: Rebuilding

    private struct Run {
        var duration = Duration.zero
        var resumedAt: Double?
        var salesMeanwhile = 0
        let onlooker: Onlooker
    }

    /// Rebuilds the table while tills sell and a reader looks on; nil if it is to end.
    private func rebuildInFullView() async throws -> Run? {
        let onlooker = Onlooker(bestSellers)
        let tills = Tills(bus, selling: sales, from: Int(try await store.head()))
        // Once before, so that there is something to compare with.
        try await onlooker.look()
        try await tills.sellOnce()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<tillCount { group.addTask { try await tills.sell() } }
            group.addTask { try await onlooker.lookOn() }
            var run = Run(onlooker: onlooker)
            let before = await tills.soldCount
            let isDone = try await rebuild(&run)
            run.salesMeanwhile = await tills.soldCount - before
            await tills.close()
            // Once after, for the table that is new.
            try await onlooker.look()
            await onlooker.leave()
            try await group.waitForAll()
            return isDone ? run : nil
        }
    }

    /// Rebuilds the table and shows how far it has come; false if it was interrupted.
    private func rebuild(_ run: inout Run) async throws -> Bool {
        let display = RebuildDisplay()
        let clock = ContinuousClock()
        let start = clock.now
        defer { display.finish() }
        do {
            try await cancelWhenGracefulShutdown { [bus] in
                try await bus.rebuild(BestSellerTable.subscription) { display.show($0) }
            }
        } catch RebuildError.cancelled {
            display.interrupt()
            return false
        } catch {
            throw Complaint.failure("the table cannot be rebuilt: \(error)")
        }
        run.duration = clock.now - start
        run.resumedAt = display.resumedAt
        return true
    }

    // MARK: After

    private func sumUp(_ run: Run) async throws -> Summary {
        do {
            let head = try await store.head()
            try await bus.wait(for: BestSellerTable.subscription, toReach: head, within: .seconds(600))
        } catch {
            throw Complaint.failure("the table cannot be kept: \(error)")
        }
        let counted = try await Audit(store: store).count()
        let table = try await bestSellers.all()
        return Summary(
            sales: counted.values.reduce(0) { $0 + $1.sales },
            salesMeanwhile: run.salesMeanwhile,
            resumedAt: run.resumedAt,
            rebuildSeconds: run.duration / .seconds(1),
            looks: await run.onlooker.looks,
            slowestLookMilliseconds: await run.onlooker.slowest / .milliseconds(1),
            losses: await run.onlooker.losses,
            matchesLog: table == counted,
            bestSellers: try await bestSellers.view(top: 5).top,
            database: database
        )
    }
}
