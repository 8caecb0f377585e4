import Foundation
import SampleTesting
import Skein
import SkeinSQLite
import Testing

@testable import bookshop

extension ProgramTests {
    @Suite(.timeLimit(.minutes(2))) struct ImportTests {
        private static let rows = 3_000

        @Test func `a second run gives each row its first outcome and changes nothing`() async throws {
            try await withFolder { folder in
                let sales = try generate(in: folder)
                let arguments = ["sales.csv", "--json"]
                let first = try await Program.bookshop.run(arguments, in: folder)
                #expect(first.exitCode == 0)
                #expect(first.totals == sales.expected)
                #expect(first.errors.split(separator: "\n").count == sales.expected.malformed)
                #expect(first.errors.hasPrefix("line 51: the Quantity is not a whole number"))
                let before = try await database(in: folder)
                #expect(before.verdicts.count == sales.expected.accepted + sales.expected.rejected)

                let second = try await Program.bookshop.run(arguments + ["--workers", "7"], in: folder)
                #expect(second.totals == sales.expected)
                #expect(second.errors == first.errors)
                #expect(try await database(in: folder) == before)
            }
        }

        @Test(arguments: [(SIGKILL, 40), (SIGKILL, 3_000), (SIGKILL, 7_000), (SIGINT, 3_000), (SIGTERM, 6_000)])
        func `a run that is stopped in the middle is completed by the next one`(signal: Int32, lines: Int) async throws
        {
            try await withFolder { folder in
                let sales = try generate(in: folder)
                let stopped = try await Program.bookshop.run(
                    ["sales.csv", "--json", "--log-level", "debug"],
                    in: folder,
                    sending: signal,
                    afterErrorLines: lines
                )
                // Killed, or ended by itself in good order, but not after all its work.
                #expect(stopped.exitCode == (signal == SIGKILL ? nil : 130))
                #expect(stopped.output == "")
                let half = try await database(in: folder)
                #expect(half.verdicts.count < Self.rows * 3 / 4)

                let completed = try await Program.bookshop.run(["sales.csv", "--json"], in: folder)
                #expect(completed.totals == sales.expected)
                let whole = try await database(in: folder)
                #expect(whole.log.starts(with: half.log))
                #expect(half.outcomes.allSatisfy { whole.outcomes[$0] == $1 })

                let other = try await Program.bookshop.run(
                    ["sales.csv", "--json", "--database", "other.sqlite"],
                    in: folder
                )
                #expect(other.totals == sales.expected)
                let uninterrupted = try await database("other.sqlite", in: folder)
                #expect(whole.streams == uninterrupted.streams)
                #expect(whole.verdicts == uninterrupted.verdicts)
            }
        }

        @Test func `another file's rows are new sales, though they read the same`() async throws {
            try await withFolder { folder in
                let text = "\(Sale.columns.joined(separator: ","))\n1,A,Book,60,d,1,,UK\n"
                try Data(text.utf8).write(to: folder.appending(path: "a.csv"))
                try Data("\(text)2,A,Book,-5,d,1,,UK\n".utf8).write(to: folder.appending(path: "b.csv"))
                let database = ["--json", "--database", "shop.sqlite"]
                let first = try await Program.bookshop.run(["a.csv"] + database, in: folder)
                #expect(first.totals?.copiesSold == 60)
                let second = try await Program.bookshop.run(["b.csv"] + database, in: folder)
                #expect(second.totals == Totals(rows: 2, accepted: 1, rejected: 1, articles: 1, copiesReturned: 5))
                let again = try await Program.bookshop.run(["a.csv"] + database, in: folder)
                #expect(again.totals == first.totals)
            }
        }

        @Test func `a command id that the database knows for something else is explained`() async throws {
            try await withFolder { folder in
                try generate(in: folder)
                let file = try SalesFile(path: folder.appending(path: "sales.csv").path)
                let store = try await SQLiteEventStore(path: folder.appending(path: "sales.sqlite").path)
                let id = CommandID(high: file.id.high, low: 2)
                let command = Article.Command.stock(copies: 1, description: "")
                try await CommandBus(store: store).send(
                    command,
                    to: Article.ID("other"),
                    options: CommandOptions(id: id)
                )
                await store.close()
                let result = try await Program.bookshop.run(["sales.csv"], in: folder)
                #expect(result.exitCode == 1)
                #expect(result.errors.contains("bookshop: line 2: the database knows this row's command id"))
                #expect(result.output == "")
            }
        }

        @Test func `another opening stock on the same database is refused with the first one`() async throws {
            try await withFolder { folder in
                #expect(try await Program.bookshop.run(["--database", "a.sqlite"], in: folder).exitCode == 0)
                let other = try await Program.bookshop.run(
                    ["--database", "a.sqlite", "--opening-stock", "7"],
                    in: folder
                )
                #expect(other.exitCode == 2)
                #expect(other.errors.contains("give --opening-stock 100 or another --database"))
            }
        }

        @discardableResult
        private func generate(in folder: URL) throws -> GeneratedSales {
            let sales = GeneratedSales(rows: Self.rows, articles: 200, seed: 42)
            try Data(sales.csv.utf8).write(to: folder.appending(path: "sales.csv"))
            return sales
        }

        private func database(_ name: String = "sales.sqlite", in folder: URL) async throws -> Database {
            try await Database(
                folder.appending(path: name),
                sales: folder.appending(path: "sales.csv"),
                lines: Self.rows + 1
            )
        }
    }
}
