import Foundation
import Skein

/// What a run has come to.
struct Summary: Encodable, Sendable {
    /// How many sales the log holds at the end.
    let sales: Int64
    /// How many of them came in while the table was rebuilt.
    let salesMeanwhile: Int
    /// How much of the table an earlier run had rebuilt before it was interrupted, from 0 to 1; nil if there was none.
    let resumedAt: Double?
    let rebuildSeconds: Double
    let looks: Int
    let slowestLookMilliseconds: Double
    /// How often a reader saw fewer copies than before.
    let losses: Int
    /// Whether the table holds what the log comes to.
    let matchesLog: Bool
    let bestSellers: [BestSellers.Entry]
    let database: String

    /// Whether everything is as it was promised.
    var isGood: Bool { matchesLog && losses == 0 }

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
        """
        The table was rebuilt in \(Self.figure(rebuildSeconds)) s; \(salesMeanwhile) sales came in meanwhile.
        A reader looked \(looks) times and waited up to \(Self.figure(slowestLookMilliseconds)) ms for an answer; \
        it \(losses == 0 ? "never saw" : "SAW \(losses) TIMES") fewer copies than before.
        The table \(matchesLog ? "holds what the log of \(sales) sales comes to" : "IS NOT WHAT THE LOG COMES TO").
        Best sellers:
        \(Self.list(bestSellers))
        The database is \(database)
        """
    }

    /// One line for each book.
    static func list(_ entries: [BestSellers.Entry]) -> String {
        entries.enumerated()
            .map { "  \($0 + 1). \($1.book): \($1.copies) copies in \($1.sales) sales" }
            .joined(separator: "\n")
    }

    private static func figure(_ value: Double) -> String {
        "\((value * 10).rounded() / 10)"
    }
}
