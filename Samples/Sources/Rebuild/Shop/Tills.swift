import Skein

/// The shop's tills, which sell on while the table is rebuilt: each waits for its sale to be stored, and makes the next.
actor Tills {
    private let bus: CommandBus
    private let sales: MadeUpSales
    private var next: Int
    private var isClosed = false
    /// How many sales were made and stored.
    private(set) var soldCount = 0

    /// - Parameter first: The number of the first sale; another one for each run, or all runs would sell the same.
    init(_ bus: CommandBus, selling sales: MadeUpSales, from first: Int) {
        self.bus = bus
        self.sales = sales
        next = first
    }

    /// One till, until it is closed.
    func sell() async throws {
        while !isClosed { try await sellOnce() }
    }

    func sellOnce() async throws {
        let sale = sales.sale(next)
        next += 1
        do {
            try await bus.send(.sell(copies: sale.copies), to: sale.book)
        } catch {
            throw Complaint.failure("a sale could not be stored: \(error)")
        }
        soldCount += 1
    }

    func close() {
        isClosed = true
    }
}
