import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `skein bench`: measures, with the raw limit of the machine beside each figure.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures what Skein reaches, and in the same run what the machine allows at most.",
        discussion: """
            Compare figures only within one run: the machine's speed changes from run to run.
            Build with -c release, and run on a machine that does nothing else.
            """
    )

    @Argument(
        help: "The workloads to run: \(Workloads.all.map(\.name).joined(separator: ", ")). All, if none is named."
    )
    var workloads: [String] = []

    @Option(help: "How long a measurement takes, in seconds.")
    var seconds: Double = 3

    @Option(help: "The folder for database files; a temporary one by default. The disk decides what a commit costs.")
    var directory: String?

    @Option(
        help: """
            The PostgreSQL server to measure: a URI or a connection string of libpq. A schema is made in its database and \
            dropped afterwards. Without it, the workloads on PostgreSQL are left out.
            """
    )
    var store: String?

    @Option(help: "How many events the log has that is read from PostgreSQL, in tens of thousands.")
    var logSize = 100

    @Flag(help: "Print one JSON object per line instead of a table.")
    var json = false

    func validate() throws {
        guard seconds >= 0.05, seconds <= 600 else { throw ValidationError("--seconds must be between 0.05 and 600.") }
        let names = Set(Workloads.all.map(\.name))
        for name in workloads where !names.contains(name) {
            throw ValidationError("There is no workload \(name). There are: \(names.sorted().joined(separator: ", ")).")
        }
        guard (1...10_000).contains(logSize) else { throw ValidationError("--log-size must be from 1 to 10000.") }
        for workload in Workloads.all where workloads.contains(workload.name) && workload.needs != .nothing {
            guard store == nil else { break }
            throw ValidationError("\(workload.name) needs a server: give --store postgres://user@host/database.")
        }
    }

    // The command's own task runs on the main actor, where hops cost many times what they cost in a server.
    @concurrent
    func run() async throws {
        let folder = try BenchFolder(directory)
        defer { folder.remove() }
        let setup = BenchSetup(
            seconds: seconds,
            folder: folder,
            server: store.map(BenchServer.init),
            logSize: logSize * 10_000
        )
        let report = BenchReport(isJSON: json)
        report.begin()
        for workload in Workloads.all where isWanted(workload) {
            report.announce(workload)
            for figure in try await workload.run(setup) { report.add(figure, of: workload) }
        }
    }

    private func isWanted(_ workload: Workload) -> Bool {
        guard workloads.isEmpty else { return workloads.contains(workload.name) }
        return workload.needs == .nothing || workload.needs == .server && store != nil
    }
}

/// What every workload is given.
struct BenchSetup: Sendable {
    /// How long a measurement takes.
    let seconds: Double
    let folder: BenchFolder
    let server: BenchServer?
    /// How many events the log has that is read.
    let logSize: Int

    /// Lends a schema on the server, for a workload that needs one.
    func withSchema<Result: Sendable>(
        _ body: @Sendable (BenchSchema) async throws -> Result
    ) async throws -> Result {
        guard let server else { throw ValidationError("There is no server to measure: give --store.") }
        return try await server.withSchema(body)
    }
}

/// The folder that the database files of a run are in.
struct BenchFolder: Sendable {
    private let path: String

    init(_ parent: String?) throws {
        let parent = parent ?? FileManager.default.temporaryDirectory.path
        path = parent + "/skein-bench-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A path at which there is no file yet.
    func newFile() -> String { path + "/" + UUID().uuidString + ".sqlite" }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
