import Skein

/// Sales that are the same in each run: every one follows from its number alone.
struct MadeUpSales: Equatable {
    /// One sale.
    struct Sale: Equatable {
        let book: Book.ID
        let copies: Int
    }

    /// How many books there are.
    let articles: Int
    /// How many sales are stored before anything else.
    let count: Int

    /// A sale by its number; those beyond ``count`` are made while the table is rebuilt.
    func sale(_ number: Int) -> Sale {
        let bits = Self.mix(UInt64(number))
        // The square of an even distribution: the first books are bought most.
        let chance = Double(bits >> 40) / Double(1 << 24)
        let book = min(articles - 1, Int(chance * chance * Double(articles)))
        return Sale(book: Book.ID("book-\(book + 1)"), copies: Int(bits % 3) + 1)
    }

    /// SplitMix64, which needs no state.
    private static func mix(_ number: UInt64) -> UInt64 {
        var bits = (number &+ 1) &* 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
