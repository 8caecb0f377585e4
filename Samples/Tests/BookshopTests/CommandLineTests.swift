import Foundation
import SampleTesting
import Testing

@testable import bookshop

extension ProgramTests {
    @Suite(.timeLimit(.minutes(1))) struct CommandLineTests {
        @Test func `without arguments it reads its own sales and says where the database is`() async throws {
            try await withFolder { folder in
                let result = try await Program.bookshop.run([], in: folder)
                #expect(result.exitCode == 0)
                #expect(result.errors == "")
                #expect(result.output.hasPrefix("72 rows: 68 accepted, 4 rejected, 0 malformed\n"))
                #expect(result.output.hasSuffix("The database is ./sales.sqlite\n"))
                #expect(FileManager.default.fileExists(atPath: folder.appending(path: "sales.sqlite").path))
            }
        }

        @Test(arguments: [
            ("missing.csv", "there is no file missing.csv"),
            (".", ". is not a regular file"),
            ("empty.csv", "empty.csv is no file of sales: its first line must be"),
            ("other.csv", "other.csv is no file of sales: its first line must be"),
        ])
        func `a file that holds no sales is refused before a database is made`(
            name: String,
            message: String
        ) async throws {
            try await withFolder { folder in
                try Data().write(to: folder.appending(path: "empty.csv"))
                try Data("name,price\n\"Emma\",3\n".utf8).write(to: folder.appending(path: "other.csv"))
                let result = try await Program.bookshop.run([name, "--database", "a.sqlite"], in: folder)
                #expect(result.exitCode == 2)
                #expect(result.errors.hasPrefix("bookshop: \(message)"))
                #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "a.sqlite").path))
            }
        }

        @Test func `a database that is none is left as it is`() async throws {
            try await withFolder { folder in
                let text = Data(String(repeating: "This is a letter to a friend. ", count: 10).utf8)
                try text.write(to: folder.appending(path: "letter.txt"))
                let result = try await Program.bookshop.run(["--database", "letter.txt"], in: folder)
                #expect(result.exitCode == 1)
                #expect(result.errors.hasPrefix("bookshop: the database letter.txt cannot be opened"))
                #expect(try Data(contentsOf: folder.appending(path: "letter.txt")) == text)
            }
        }

        @Test(arguments: ["--workers=0", "--workers=x", "--opening-stock=-1", "--log-level=loud", "--unheard-of"])
        func `options that make no sense are refused`(_ option: String) async throws {
            try await withFolder { folder in
                let result = try await Program.bookshop.run([option], in: folder)
                #expect(result.exitCode == 64)
                #expect(result.errors.contains(option.prefix { $0 != "=" }))
            }
        }

        @Test func `spans are logged at debug only`() async throws {
            try await withFolder { folder in
                let result = try await Program.bookshop.run(["--json", "--log-level", "debug"], in: folder)
                #expect(result.errors.contains("skein.send"))
                #expect(result.errors.contains("skein.append"))
                #expect(result.totals?.rows == 72)
            }
        }
    }
}
