import Foundation

/// Who runs the server: PostgreSQL refuses to run as root.
struct ServerUser: Sendable {
    /// What is put before a command to run it as this user.
    let prefix: [String]

    /// Who owns the server's files; nil if it is who runs this process.
    let owner: (user: uid_t, group: gid_t)?

    static func find() throws -> ServerUser {
        guard geteuid() == 0 else { return ServerUser(prefix: [], owner: nil) }
        guard let entry = getpwnam("postgres") else {
            throw ProgramFailed(description: "There is no user called postgres, whom the server could run as.")
        }
        let tools = ["/usr/bin/setpriv", "/bin/setpriv", "/usr/sbin/setpriv"]
        guard let tool = tools.first(where: FileManager.default.isExecutableFile) else {
            throw ProgramFailed(description: "setpriv is missing: apt-get install util-linux.")
        }
        return ServerUser(
            prefix: [tool, "--reuid=postgres", "--regid=postgres", "--init-groups"],
            owner: (entry.pointee.pw_uid, entry.pointee.pw_gid)
        )
    }
}
