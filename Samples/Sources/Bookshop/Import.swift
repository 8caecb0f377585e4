import ServiceLifecycle
import Skein

/// Reads a file of sales and sends one command per row.
///
/// Told to shut down, it reads no more rows, lets those on their way finish, and leaves ``summary`` nil.
actor Import: Service {
    private let file: SalesFile
    private let bus: CommandBus
    private let model: ValueProjection<BestSellers>
    private let workers: Int
    private let openingStock: Int
    /// Names the option that leads to another database, for what the user is told.
    private let storageOption: String
    private var progress: Progress

    private var tally = Tally()
    private(set) var summary: Summary?

    init(
        of file: SalesFile,
        to bus: CommandBus,
        model: ValueProjection<BestSellers>,
        workers: Int,
        openingStock: Int,
        storageOption: String,
        progress: Progress
    ) {
        self.file = file
        self.bus = bus
        self.model = model
        self.workers = workers
        self.openingStock = openingStock
        self.storageOption = storageOption
        self.progress = progress
    }

    func run() async throws {
        try await openShop()
        let clock = ContinuousClock()
        let start = clock.now
        try await sendRows()
        let duration = clock.now - start
        guard !Task.isShuttingDownGracefully else { return }
        do {
            summary = try await cancelWhenGracefulShutdown { try await self.summarize(duration) }
        } catch {
            guard Task.isShuttingDownGracefully else { throw error }
        }
    }

    private func openShop() async throws {
        do {
            try await bus.send(.open(stockPerArticle: openingStock), to: Shop.id)
        } catch .rejected(.alreadyOpen(let stock)) {
            throw Complaint.input(
                "in this database each article began with \(stock) copies, not \(openingStock); "
                    + "give --opening-stock \(stock) or another \(storageOption)"
            )
        } catch {
            throw Complaint.failure("the shop cannot be opened: \(error)")
        }
    }

    /// Sends the rows, each article's in file order. All that is decided is decided here, by one task.
    private func sendRows() async throws {
        var reader = try file.reader()
        var lanes = Lanes(limit: workers)
        defer { progress.finish() }
        try await withThrowingTaskGroup(of: Sent.self) { group in
            func start(_ sale: Sale?) {
                guard let sale else { return }
                let isFirst = tally.articles.insert(sale.article).inserted
                group.addTask { try await self.send(sale, stockingFirst: isFirst) }
            }
            while !Task.isShuttingDownGracefully, let row = try reader.next() {
                progress.show(reader.offset, of: file.size)
                switch row {
                case .malformed(let row):
                    tally.malformed += 1
                    progress.note("line \(row.line): \(row.reason)")
                case .sale(let sale):
                    while !lanes.hasRoom(for: sale), let sent = try await group.next() {
                        tally.count(sent)
                        start(lanes.finish(sent.article))
                    }
                    start(lanes.admit(sale))
                }
            }
            while let sent = try await group.next() {
                tally.count(sent)
                if !Task.isShuttingDownGracefully { start(lanes.finish(sent.article)) }
            }
        }
    }

    private nonisolated func send(_ sale: Sale, stockingFirst: Bool) async throws -> Sent {
        if stockingFirst {
            try await send(.stock(copies: openingStock, description: sale.description), for: sale)
        }
        let isAccepted = try await send(sale.command, for: sale, id: file.commandID(of: sale))
        return Sent(article: sale.article, isAccepted: isAccepted)
    }

    /// Sends a command until its outcome is known; false if the article has too few copies.
    @discardableResult
    private nonisolated func send(
        _ command: Article.Command,
        for sale: Sale,
        id: CommandID? = nil
    ) async throws -> Bool {
        let options = CommandOptions(id: id, correlationID: file.id)
        while true {
            do {
                try await bus.send(command, to: sale.article, options: options)
                return true
            } catch .rejected {
                return false
            } catch .overloaded {
                // Nothing was queued, and with the same id it may be sent as often as it takes.
                try await Task.sleep(for: .milliseconds(10))
            } catch .commandIDReused {
                throw Complaint.failure(
                    "line \(sale.line): the database knows this row's command id for another command, so it was not sent; "
                        + "give another \(storageOption)"
                )
            } catch {
                throw Complaint.failure(
                    "line \(sale.line): \(error); run the same command again to go on where this run stopped"
                )
            }
        }
    }

    /// Waits until the read model has seen everything, and sums up.
    private func summarize(_ duration: Duration) async throws -> Summary {
        do {
            let end = try await bus.store.head()
            try await bus.wait(for: BestSellers.subscription, toReach: end, within: .seconds(600))
        } catch {
            throw Complaint.failure("the rows are stored, but the best sellers could not be found out: \(error)")
        }
        let (copies, bestSellers) = model.read { ($0.copies(of: file.id), $0.top(5)) }
        return Summary(tally, copies: copies, bestSellers: bestSellers, duration: duration)
    }
}
