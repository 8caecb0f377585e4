import Skein

/// Decides which rows may be sent now: of each article one at a time, in file order; of different ones many at once.
///
/// It only decides; ``Import`` acts. Both the rows on their way and those that wait for one of them are limited.
struct Lanes {
    let limit: Int
    let waitingLimit: Int
    /// The rows that wait, of each article that has one on its way.
    private var lanes: [Article.ID: ArraySlice<Sale>] = [:]
    private var waitingCount = 0

    /// Creates lanes for so many rows on their way.
    init(limit: Int) {
        self.limit = limit
        waitingLimit = limit * 16
    }

    /// Whether ``admit(_:)`` may be called; if not, a row must finish first.
    func hasRoom(for sale: Sale) -> Bool {
        lanes[sale.article] == nil ? lanes.count < limit : waitingCount < waitingLimit
    }

    /// Takes a row in. Returns it if it is to be sent now; otherwise it waits for those of its article before it.
    mutating func admit(_ sale: Sale) -> Sale? {
        guard lanes[sale.article] != nil else {
            lanes[sale.article] = []
            return sale
        }
        lanes[sale.article]?.append(sale)
        waitingCount += 1
        return nil
    }

    /// Notes that a row of the article is done. Returns the next one of the article, which is to be sent now.
    mutating func finish(_ article: Article.ID) -> Sale? {
        guard let next = lanes[article]?.popFirst() else {
            lanes[article] = nil
            return nil
        }
        waitingCount -= 1
        return next
    }
}
