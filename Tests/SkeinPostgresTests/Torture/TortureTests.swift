import Foundation
import PostgresServer
import Testing

/// Worker processes under every fault at once, judged from the outside.
struct TortureTests {
    @Test(.timeLimit(.minutes(10)))
    func `four processes lose nothing and do nothing twice, whatever happens to them and their server`() async throws {
        let seconds = ProcessInfo.processInfo.environment["SKEIN_TORTURE_SECONDS"] ?? "60"
        let torture = try ChildProcess(BuiltProgram.torture, ["--json", "--seconds", seconds])
        var output = ""
        for await line in torture.lines { output += line + "\n" }
        #expect(await torture.exit() == ProcessExit(code: 0), "\(output)")
        let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
        #expect(report.violations == [])
        #expect(report.forgeriesNoticed == report.forgeries && report.forgeries > 0)
        #expect(report.commands.acknowledged > 100)
        // A run that nothing was done to would prove nothing.
        for (name, fault) in report.faults { #expect(fault.hits > 0, "\(name) has hit nothing") }
        #expect(report.unknown.appends > 0)
        print(output)
    }

    private struct Report: Decodable {
        struct Fault: Decodable {
            let hits: Int
        }
        struct Commands: Decodable {
            let acknowledged: Int
        }
        struct Unknown: Decodable {
            let appends: Int
        }

        let faults: [String: Fault]
        let commands: Commands
        let unknown: Unknown
        let violations: [String]
        let forgeries: Int
        let forgeriesNoticed: Int
    }
}
