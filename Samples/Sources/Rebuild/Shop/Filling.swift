import ServiceLifecycle
import Skein

/// Stores the sales that a database begins with, as an import does: in large appends, past the bus.
///
/// Each append has an id that follows from its first sale, so a run that was stopped is completed by doing it all again.
struct Filling {
    /// How many sales are on their way at the same time.
    private static let sliceSize = 20_000

    private let sales: MadeUpSales
    private let store: any EventStore
    private let encode = JSONEventCoder().codec(for: Book.Event.self).encode

    init(of sales: MadeUpSales, into store: any EventStore) {
        self.sales = sales
        self.store = store
    }

    /// Stores all sales; false if it was told to shut down before.
    func run(_ bar: ProgressBar) async throws -> Bool {
        let clock = ContinuousClock()
        let start = clock.now
        defer { bar.finish() }
        for first in stride(from: 0, to: sales.count, by: Self.sliceSize) {
            guard !Task.isShuttingDownGracefully else { return false }
            let end = min(first + Self.sliceSize, sales.count)
            try await store(first..<end)
            let rate = Double(end) / max((clock.now - start) / .seconds(1), 0.000_001)
            bar.show(
                Double(end) / Double(sales.count),
                rate: rate,
                timeLeft: .seconds(Double(sales.count - end) / rate)
            )
        }
        return true
    }

    private func store(_ numbers: Range<Int>) async throws {
        let appends = try appends(numbers)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for append in appends { group.addTask { [store] in _ = try await store.append(append) } }
            try await group.waitForAll()
        }
    }

    /// One append for each book, or several if it would have more events than the store takes at a time.
    private func appends(_ numbers: Range<Int>) throws -> [StreamAppend] {
        var appends: [StreamAppend] = []
        for (book, sold) in Dictionary(grouping: numbers, by: { sales.sale($0).book }) {
            for chunk in sold.chunks(of: store.limits.eventsPerAppend) {
                let events = try chunk.map { number in
                    let (name, payload) = try encode(.sold(copies: sales.sale(number).copies))
                    return NewEvent(id: EventID(high: Self.origin, low: UInt64(number)), name: name, payload: payload)
                }
                let id = CommandID(high: Self.origin, low: UInt64(chunk.first ?? 0))
                let command = CommandAppend(id: id, fingerprint: Self.origin, outcome: .events(events))
                appends.append(StreamAppend(stream: book.stream, commands: [command]))
            }
        }
        return appends
    }

    /// Tells the ids of these sales from all others.
    private static let origin: UInt64 = 0x626f_6f6b_2073_616c
}

extension [Int] {
    fileprivate func chunks(of size: Int) -> [ArraySlice<Int>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
