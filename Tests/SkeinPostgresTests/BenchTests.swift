import Foundation
import PostgresServer
import Testing

/// `skein bench` against a server, as briefly as it goes: that it runs, not how fast.
struct BenchTests {
    @Test(
        .timeLimit(.minutes(3)),
        arguments: [
            "postgres", "postgres-raw", "postgres-latency", "postgres-two", "postgres-read", "postgres-catch-up",
            "postgres-live",
        ]
    )
    func `a workload on PostgreSQL gives figures`(workload: String) async throws {
        let place = try await TestStore()
        let brevity = ["--seconds", "0.05", "--log-size", "1"]
        let arguments = ["bench", workload, "--store", place.connection, "--json"] + brevity
        let bench = try ChildProcess(BuiltProgram.skein, arguments)
        var figures: [Figure] = []
        for await line in bench.lines { figures.append(try JSONDecoder().decode(Figure.self, from: Data(line.utf8))) }
        #expect(await bench.exit() == ProcessExit(code: 0))
        #expect(figures.allSatisfy { $0.workload == workload && $0.value >= 0 })
        // Memory may not have grown.
        #expect(figures.count { $0.value > 0 } > 1)
    }

    @Test func `a workload that needs a server says so`() async throws {
        let bench = try ChildProcess(BuiltProgram.skein, ["bench", "postgres"])
        for await _ in bench.lines {}
        #expect(await bench.exit() == ProcessExit(code: 64))
    }

    private struct Figure: Decodable {
        let workload: String
        let value: Double
    }
}
