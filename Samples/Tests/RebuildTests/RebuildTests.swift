import Foundation
import SampleTesting
import Skein
import SkeinSQLite
import Testing

@testable import rebuild

/// Runs the program as a user does, one process at a time.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RebuildTests {
    private let program = Program("rebuild")

    @Test func `an empty database is filled, and the table is rebuilt in each run`() async throws {
        try await withFolder { folder in
            let arguments = ["--json", "--sales", "3000", "--articles", "20", "--tills", "2"]
            let first = try await program.run(arguments, in: folder)
            #expect(first.exitCode == 0)
            #expect(first.errors.contains("Storing 3000 sales: 100 %"))
            #expect(first.errors.contains("Rebuilding the table beside the one that is read\n"))
            let firstFigures = try #require(first.figures)
            #expect(firstFigures.matchesLog)
            #expect(firstFigures.losses == 0)
            #expect(firstFigures.looks >= 2)
            #expect(firstFigures.resumedAt == nil)
            // One sale is made before it begins, and those that came in meanwhile are among all that came.
            #expect(firstFigures.sales >= 3_001 + firstFigures.salesMeanwhile)
            #expect(firstFigures.bestSellers.count == 5)
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: "rebuild.sqlite").path))

            // Without --json, for people, and whatever the options say of an empty database.
            let second = try await program.run(["--tills", "0", "--sales", "5"], in: folder)
            #expect(second.exitCode == 0)
            #expect(!second.errors.contains("Storing"))
            #expect(second.output.hasPrefix("Best sellers, of "))
            #expect(second.output.contains("it never saw fewer copies than before"))
            #expect(second.output.contains("holds what the log of \(firstFigures.sales + 1) sales comes to"))
        }
    }

    @Test(arguments: [SIGINT, SIGKILL])
    func `a run that is stopped while it stores sales is completed by the next one`(signal: Int32) async throws {
        try await withFolder { folder in
            let arguments = ["--json", "--sales", "60000", "--tills", "0"]
            let stopped = try await program.run(arguments, in: folder, sending: signal, afterErrorLines: 1)
            #expect(stopped.exitCode == (signal == SIGKILL ? nil : 130))
            #expect(stopped.output == "")
            // The options of the first run hold.
            let next = try await program.run(["--json", "--sales", "7", "--tills", "0"], in: folder)
            #expect(next.exitCode == 0)
            #expect(next.figures?.sales == 60_001)
            #expect(next.figures?.matchesLog == true)
        }
    }

    @Test(arguments: [SIGINT, SIGKILL])
    func `a rebuild that is stopped goes on where it was`(signal: Int32) async throws {
        try await withFolder { folder in
            let arguments = ["--json", "--sales", "80000", "--articles", "2000"]
            let stopped = try await program.run(arguments, in: folder, sending: signal, with: "Rebuilding: ")
            #expect(stopped.exitCode == (signal == SIGKILL ? nil : 130))
            #expect(stopped.output == "")
            if signal == SIGINT {
                #expect(stopped.errors.contains("The rebuild is interrupted at "))
                #expect(stopped.errors.hasSuffix("run the same command again to go on where this run was\n"))
            }
            let next = try await program.run(arguments, in: folder)
            #expect(next.exitCode == 0)
            #expect(next.errors.contains(" % on, where an earlier run was interrupted\n"))
            let figures = try #require(next.figures)
            #expect((figures.resumedAt ?? 0) > 0)
            #expect(figures.matchesLog)
            #expect(figures.losses == 0)
        }
    }

    @Test func `a rebuild mends a table, and tells that a reader saw fewer copies`() async throws {
        try await withFolder { folder in
            let arguments = ["--json", "--sales", "500", "--articles", "9", "--tills", "0"]
            #expect(try await program.run(arguments, in: folder).exitCode == 0)
            let store = try await SQLiteEventStore(path: folder.appending(path: "rebuild.sqlite").path)
            try await store.transact { try $0.execute("UPDATE best_sellers__2 SET copies = copies + 100") }
            await store.close()
            let mended = try await program.run(arguments, in: folder)
            #expect(mended.exitCode == 1)
            #expect(mended.figures?.losses == 1)
            #expect(mended.figures?.matchesLog == true)
            #expect(try await program.run(arguments, in: folder).exitCode == 0)
        }
    }

    @Test(arguments: ["--sales=0", "--articles=x", "--tills=-1", "--unheard-of"])
    func `options that make no sense are refused`(_ option: String) async throws {
        try await withFolder { folder in
            let result = try await program.run([option], in: folder)
            #expect(result.exitCode == 64)
            #expect(result.errors.contains(option.prefix { $0 != "=" }))
        }
    }

    @Test func `a database that is none is left as it is`() async throws {
        try await withFolder { folder in
            let text = Data(String(repeating: "This is a letter to a friend. ", count: 10).utf8)
            try text.write(to: folder.appending(path: "letter.txt"))
            let result = try await program.run(["--database", "letter.txt"], in: folder)
            #expect(result.exitCode == 1)
            #expect(result.errors.hasPrefix("rebuild: the database letter.txt cannot be opened"))
            #expect(try Data(contentsOf: folder.appending(path: "letter.txt")) == text)
        }
    }
}

/// What is read of the JSON object that is all of the output.
private struct Figures: Decodable {
    struct Row: Decodable { let book: String }
    let sales: Int
    let salesMeanwhile: Int
    let resumedAt: Double?
    let looks: Int
    let losses: Int
    let matchesLog: Bool
    let bestSellers: [Row]
}

extension Program.Result {
    fileprivate var figures: Figures? {
        try? JSONDecoder().decode(Figures.self, from: Data(output.utf8))
    }
}
