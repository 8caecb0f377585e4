import Foundation
import Skein

/// A row that was sent, and what the article said.
struct Sent: Sendable {
    let article: Article.ID
    let isAccepted: Bool
}

/// What has become of a file's rows so far.
struct Tally {
    var accepted = 0
    var rejected = 0
    var malformed = 0
    var articles: Set<Article.ID> = []

    mutating func count(_ sent: Sent) {
        if sent.isAccepted { accepted += 1 } else { rejected += 1 }
    }
}

/// What a run has come to. The figures are those of the file's rows; only the best sellers are of the whole database.
struct Summary: Encodable, Sendable {
    let rows: Int
    let accepted: Int
    let rejected: Int
    let malformed: Int
    let articles: Int
    let copiesSold: Int
    let copiesReturned: Int
    let commandsPerSecond: Double
    let bestSellers: [BestSellers.Entry]
    /// Where the events are; filled in by who chose the place.
    var database: String?

    init(_ tally: Tally, copies: BestSellers.Copies, bestSellers: [BestSellers.Entry], duration: Duration) {
        rows = tally.accepted + tally.rejected + tally.malformed
        accepted = tally.accepted
        rejected = tally.rejected
        malformed = tally.malformed
        articles = tally.articles.count
        copiesSold = copies.sold
        copiesReturned = copies.returned
        let seconds = max(duration / .seconds(1), 0.000_001)
        commandsPerSecond = (Double(tally.accepted + tally.rejected) / seconds).rounded()
        self.bestSellers = bestSellers
    }

    /// One JSON object in one line.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// A few lines for people.
    var text: String {
        var lines = [
            "\(rows) rows: \(accepted) accepted, \(rejected) rejected, \(malformed) malformed",
            "\(articles) articles, \(copiesSold) copies sold, \(copiesReturned) returned",
            "\(Int(commandsPerSecond)) commands a second",
        ]
        if !bestSellers.isEmpty { lines.append("Best sellers:") }
        for (index, entry) in bestSellers.enumerated() {
            lines.append(
                "  \(index + 1). \(entry.article) \(entry.description): \(entry.sold) sold, \(entry.returned) returned"
            )
        }
        if let database { lines.append("The database is \(database)") }
        return lines.joined(separator: "\n")
    }
}
