public import Foundation

/// The PostgreSQL that is installed here.
public struct PostgresInstallation: Sendable {
    /// The folder of its programs.
    public let programs: URL

    /// The oldest version that Skein is made for.
    public static let oldestVersion = 15

    /// Finds the installation: in `PATH`, or where packages put it, the newest.
    public static func find() throws -> PostgresInstallation {
        var folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        folders += debianFolders
        folders += ["/opt/homebrew/bin", "/usr/local/pgsql/bin"]
        for folder in folders where isComplete(folder) {
            // A link leads to the folder where all the programs are.
            let server = URL(filePath: folder).appending(path: "postgres").resolvingSymlinksInPath()
            let home = server.deletingLastPathComponent()
            return PostgresInstallation(programs: isComplete(home.path) ? home : URL(filePath: folder))
        }
        throw PostgresMissing()
    }

    /// The path of one of its programs.
    public func path(of program: String) -> String { programs.appending(path: program).path }

    private static var debianFolders: [String] {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap(Int.init).sorted(by: >).map { "\(root)/\($0)/bin" }
    }

    private static func isComplete(_ folder: String) -> Bool {
        ["initdb", "pg_ctl", "postgres"].allSatisfy { FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)") }
    }
}

/// There is no PostgreSQL server that a test could start.
public struct PostgresMissing: Error, CustomStringConvertible {
    public var description: String {
        "PostgreSQL's server is not installed: initdb, pg_ctl and postgres are neither in PATH nor in "
            + "/usr/lib/postgresql/*/bin. Install version \(PostgresInstallation.oldestVersion) or later: "
            + "apt-get install postgresql (Debian, Ubuntu), brew install postgresql@17 (macOS)."
    }
}
