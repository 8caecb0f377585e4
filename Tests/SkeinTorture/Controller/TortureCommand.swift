import ArgumentParser
import Foundation
import Logging

/// The run itself.
struct TortureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs workers on a throw-away server, injects faults, drains, and judges."
    )

    @Option(help: "How long faults are injected.")
    var seconds = 60.0

    @Option(help: "Equal seeds give equal orders of faults; the rest is up to the machine.")
    var seed = UInt64.random(in: 1...999_999_999)

    @Option(help: "How many worker processes there are.")
    var workers = 4

    @Option(help: "Only these kinds of faults, by name and separated by commas; all, if it is left out.")
    var faults: String?

    @Option(help: "Where the histories are kept; without it they are deleted if all is well.")
    var folder: String?

    @Flag(help: "Writes the report as JSON.")
    var json = false

    func validate() throws {
        guard seconds > 0, workers > 0 else { throw ValidationError("There must be some time and a worker.") }
        _ = try kinds()
    }

    func run() async throws {
        LoggingSystem.bootstrap { SilentUnlessGrave(label: $0) }
        let place = folder ?? FileManager.default.temporaryDirectory.path + "/skein-torture-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let torture = try await Torture(folder: place, workers: workers, seed: seed, kinds: try kinds())
        let report: TortureReport
        do {
            report = try await torture.run(for: .seconds(seconds))
        } catch {
            await torture.end()
            throw error
        }
        await torture.end()
        Output.line(json ? try report.json : report.text)
        if report.isClean {
            if folder == nil { try? FileManager.default.removeItem(atPath: place) }
            return
        }
        FileHandle.standardError.write(Data("The histories are in \(place).\n".utf8))
        throw ExitCode(1)
    }

    private func kinds() throws -> [Fault] {
        guard let faults else { return Fault.allCases }
        return try faults.split(separator: ",").map { name in
            guard let fault = Fault(rawValue: String(name)) else {
                let names = Fault.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("There is no fault \(name); there are \(names).")
            }
            return fault
        }
    }
}
