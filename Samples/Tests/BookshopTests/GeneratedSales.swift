import Foundation
import SampleTesting

@testable import bookshop

/// Made-up sales, and what they must come to by a second, simpler computation.
struct GeneratedSales {
    let csv: String
    private(set) var expected = Totals()

    init(rows: Int, articles: Int, seed: UInt64, openingStock: Int = 100) {
        var random = Generator(seed: seed)
        var stock: [Int: Int] = [:]
        var lines = [Sale.columns.joined(separator: ",")]
        for row in 1...rows {
            if row % 50 == 0 {
                lines.append("\(row),no quantity,,none,,,,")
                expected.malformed += 1
                continue
            }
            // The first articles are bought more often.
            let article = Int.random(in: 0..<Int.random(in: 1...articles, using: &random), using: &random)
            let quantity = Int.random(in: 0..<8, using: &random) == 0 ? -2 : Int.random(in: 1...30, using: &random)
            lines.append("\(row),A\(article),\"Book, \"\"\(article)\"\"\",\(quantity),2024-01-01,1.5,,UK")
            let left = stock[article, default: openingStock] - quantity
            guard left >= 0 else {
                stock[article] = left + quantity
                expected.rejected += 1
                continue
            }
            stock[article] = left
            expected.accepted += 1
            expected.copiesSold += max(0, quantity)
            expected.copiesReturned += max(0, -quantity)
        }
        expected.rows = rows
        expected.articles = stock.count
        csv = lines.joined(separator: "\n") + "\n"
    }
}

/// What two runs on the same file have in common.
struct Totals: Codable, Equatable {
    var rows = 0
    var accepted = 0
    var rejected = 0
    var malformed = 0
    var articles = 0
    var copiesSold = 0
    var copiesReturned = 0
}

extension Program.Result {
    /// The figures of the JSON object that is all of the output.
    var totals: Totals? {
        try? JSONDecoder().decode(Totals.self, from: Data(output.utf8))
    }
}
