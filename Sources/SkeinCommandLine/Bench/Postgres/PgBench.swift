import Foundation

/// PostgreSQL's own benchmark: single-event inserts, each a transaction of its own, from many connections.
struct PgBench: Sendable {
    /// Events go into a table like the store's, with its indexes; only the lock that orders the log is missing.
    static let clientCounts = [1, 4, 16, 32, 64]

    let schema: BenchSchema

    /// Makes the table.
    func prepare() async throws {
        let name = schema.name
        try await schema.server.run { session in
            try session.run("CREATE TABLE \(name).plain (LIKE \(name).events INCLUDING ALL)")
            try session.run("CREATE SEQUENCE \(name).plain_position")
        }
    }

    /// How many events a number of connections store in a second, and how long one takes.
    func run(clients: Int, seconds: Double, _ setup: BenchSetup) async throws -> Figure {
        guard let program = Self.program else { return try await ownLoop(clients: clients, seconds: seconds) }
        let script = setup.folder.newFile()
        try Data(text.utf8).write(to: URL(filePath: script))
        let threads = min(clients, ProcessInfo.processInfo.activeProcessorCount)
        let output = try await Self.run(
            program,
            [
                "-n", "-M", "prepared", "-f", script, "-c", "\(clients)", "-j", "\(threads)",
                "-T", "\(max(1, Int(seconds.rounded())))", schema.server.connection,
            ]
        )
        guard
            let line = output.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let rate = line.split(separator: " ").dropFirst(2).first.flatMap({ Double($0) })
        else { throw LibpqFailure(description: "pgbench failed: \(output)") }
        return Figure(label: label("pgbench", clients), value: rate, unit: "events/s")
    }

    private func label(_ program: String, _ clients: Int) -> String {
        "\(program), \(clients) client\(clients == 1 ? "" : "s")"
    }

    private var text: String {
        """
        \\set stream random(1, 2000)
        \\set amount random(1, 1000000)
        \(insert("'tally-' || :stream", ":amount"));
        """
    }

    private func insert(_ id: String, _ amount: String) -> String {
        """
        INSERT INTO \(schema.name).plain (
            position, version, fingerprint, recorded_at, id, command, schema_version, aggregate, aggregate_id, name,
            correlation, causation, metadata, payload
        ) VALUES (
            nextval('\(schema.name).plain_position'), currval('\(schema.name).plain_position'), 0, now(),
            gen_random_uuid(), gen_random_uuid(), 1, 'Tally', \(id), 'added', gen_random_uuid(), gen_random_uuid(),
            '{"tenant":"acme","user":"u-1"}', convert_to('{"amount":' || \(amount) || '}', 'UTF8')
        )
        """
    }

    /// Where pgbench is: on PATH or with the server's programs, the newest version first.
    private static let program: String? = {
        let manager = FileManager.default
        let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let versions = (try? manager.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let installed = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }.map { "/usr/lib/postgresql/\($0)/bin" }
        return (paths + installed).map { $0 + "/pgbench" }.first { manager.isExecutableFile(atPath: $0) }
    }()

    private static func run(_ program: String, _ arguments: [String]) async throws -> String {
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                // A queue's thread blocks the signals by which pgbench measures its time; a child inherits that.
                var none = sigset_t()
                sigemptyset(&none)
                pthread_sigmask(SIG_SETMASK, &none, nil)
                continuation.resume(with: Result { try Self.runHere(program, arguments) })
            }
        }
    }

    private static func runHere(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    /// The same inserts from this process, where there is no pgbench.
    private func ownLoop(clients: Int, seconds: Double) async throws -> Figure {
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        let sql = insert("'tally-' || $1::bigint", "$2::bigint")
        let server = schema.server
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for client in 0..<clients {
                group.addTask {
                    try await server.run { session in
                        try session.prepare("insert", sql)
                        var parameters = RawParameters()
                        var count = 0
                        while ContinuousClock.now < end {
                            parameters.removeAll()
                            parameters.add(Int64((count &* 31 &+ client &* 17) % 2_000))
                            parameters.add(Int64(count))
                            try session.run(prepared: "insert", parameters)
                            count += 1
                        }
                        return count
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = Double((ContinuousClock.now - start).nanoseconds) / 1e9
        return Figure(label: label("libpq loop", clients), value: Double(count) / elapsed, unit: "events/s")
    }
}
