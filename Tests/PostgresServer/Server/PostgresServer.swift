public import Foundation
import Synchronization

/// A throw-away PostgreSQL cluster in a temporary folder, durable as it comes, on a Unix socket.
///
/// It is gone when this process ends, however that happens: a watchdog stops it and deletes its folder.
public final class PostgresServer: Sendable {
    /// The cluster's folder.
    public let folder: URL

    /// The socket that the server listens on.
    public var socket: String { folder.path + "/.s.PGSQL.5432" }

    let installation: PostgresInstallation
    private let environment: [String: String]
    private let watchdog: ChildProcess
    private let databases = Mutex(0)

    private static let sharedServer = Task { try await PostgresServer() }

    /// The server that all tests of a process share. Make a database for each suite; do not stop it.
    public static var shared: PostgresServer {
        get async throws { try await sharedServer.value }
    }

    /// Makes a cluster and starts it.
    ///
    /// - Parameters:
    ///   - settings: What is added to `postgresql.conf`.
    ///   - environment: What the server's environment has beside this process's, such as `LD_PRELOAD`.
    ///   - source: The running server that this one is to be a standby of.
    public init(
        settings: [String: String] = [:],
        environment: [String: String] = [:],
        standbyOf source: PostgresServer? = nil
    ) async throws {
        let installation = try PostgresInstallation.find()
        let user = try ServerUser.find()
        let folder = try Self.makeFolder(for: user)
        let stop = user.prefix + [installation.path(of: "pg_ctl")]
        let watchdog = try ChildProcess("/bin/sh", ["-c", Self.watching, "sh", folder.path] + stop)
        self.installation = installation
        self.folder = folder
        self.environment = environment
        self.watchdog = watchdog
        self.user = user
        if let source {
            try await run("pg_basebackup", ["-D", data, "-R", "-c", "fast", "-d", source.connection(to: "postgres")])
        } else {
            let options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
            try await run("initdb", ["-D", data] + options)
        }
        try await configure(settings)
        try await start()
    }

    private let user: ServerUser

    private var data: String { folder.path + "/data" }

    /// Stops the server for good and deletes its folder.
    public func end() async {
        watchdog.closeInput()
        _ = await watchdog.exit()
    }

    /// Starts the server after ``stop(_:)``.
    public func start() async throws {
        do {
            try await run("pg_ctl", ["start", "-w", "-s", "-D", data, "-l", folder.path + "/log", "-t", "60"])
        } catch {
            throw ProgramFailed(description: "\(error)\n\(log)")
        }
    }

    /// Stops the server: `immediate` is what a crash does.
    public func stop(_ mode: StopMode = .immediate) async throws {
        try await run("pg_ctl", ["stop", "-w", "-s", "-D", data, "-m", mode.rawValue])
    }

    /// The ways to stop a server.
    public enum StopMode: String, Sendable {
        /// Clients are cut off in an orderly way.
        case fast
        /// As a crash: the next start recovers.
        case immediate
    }

    /// The server's log.
    public var log: String { (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? "" }

    /// How to connect to one of its databases, as libpq reads it.
    public func connection(
        to database: String,
        as user: String = "postgres",
        _ parameters: [String: String] = [:]
    ) -> String {
        var parts = ["host=\(quoted(folder.path))", "port=5432", "dbname=\(quoted(database))", "user=\(quoted(user))"]
        parts += parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\(quoted($0.value))" }
        return parts.joined(separator: " ")
    }

    /// How to connect through a proxy on a port of this machine.
    public func connection(to database: String, as user: String = "postgres", through port: UInt16) -> String {
        "host=127.0.0.1 port=\(port) dbname=\(quoted(database)) user=\(quoted(user)) gssencmode=disable"
    }

    /// Makes an empty database and returns its name.
    public func makeDatabase(_ options: String = "") async throws -> String {
        let number = databases.withLock { count in
            count += 1
            return count
        }
        let name = "test_\(number)"
        let session = try await session()
        try await session.run("CREATE DATABASE \(name) \(options)")
        return name
    }

    /// A connection of the test's own.
    public func session(
        to database: String = "postgres",
        as user: String = "postgres"
    ) async throws -> PostgresSession {
        try await PostgresSession.connect(connection(to: database, as: user))
    }

    /// Runs one of PostgreSQL's programs as the server's user.
    @discardableResult
    public func run(_ program: String, _ arguments: [String]) async throws -> String {
        let command = user.prefix + [installation.path(of: program)] + arguments
        return try await ChildProcess.run(
            command[0],
            Array(command.dropFirst()),
            environment: environment,
            folder: folder
        )
    }

    private func quoted(_ value: String) -> String {
        "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    private func configure(_ settings: [String: String]) async throws {
        var all = [
            "listen_addresses": "", "unix_socket_directories": folder.path, "port": "5432", "max_connections": "500",
            "log_min_messages": "fatal", "log_timezone": "UTC",
        ]
        all.merge(settings) { _, new in new }
        var text = try String(contentsOfFile: data + "/postgresql.conf", encoding: .utf8)
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            text += "\(name) = '\(value.replacing("'", with: "''"))'\n"
        }
        try overwrite(data + "/postgresql.conf", with: text)
        // One role needs its password.
        let access = "local all secured scram-sha-256\nlocal all all trust\nlocal replication all trust\n"
        try overwrite(data + "/pg_hba.conf", with: access)
    }

    /// Keeps the file's owner.
    private func overwrite(_ path: String, with text: String) throws {
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    private static func makeFolder(for user: ServerUser) throws -> URL {
        // The path of a socket is short: the usual folder for temporary files may be too long.
        var template = Array("/tmp/skein-postgres-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ProgramFailed(description: "no temporary folder: errno \(errno)") }
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        if let owner = user.owner { chown(path, owner.user, owner.group) }
        return URL(filePath: path)
    }

    /// Waits for the end of its input; then ends the server and deletes its folder.
    private static let watching = """
        trap '' INT TERM HUP
        cat >/dev/null
        folder=$1
        shift
        cd /
        "$@" stop -s -w -D "$folder/data" -m immediate >/dev/null 2>&1
        rm -rf "$folder"
        """
}
