import CLibpq
import Skein

/// Where a store's server is, as libpq's connection string or URI says. It never shows its password.
struct ConnectionTarget: Sendable {
    /// libpq's names of settings, and their values.
    let settings: [(name: String, value: String)]

    /// Understands a connection string; empty, it leaves everything to libpq's environment variables and defaults.
    init(_ connection: String) throws(EventStoreError) {
        // libpq's own messages quote parts of the text, which may be the password's.
        let refused = EventStoreError(
            InvalidInput(field: "connection", reason: "it is neither a libpq connection string nor a postgresql:// URI")
        )
        guard !connection.utf8.contains(0) else { throw refused }
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(connection, &message)
        defer {
            PQfreemem(message)
            PQconninfoFree(options)
        }
        guard var option = options else { throw refused }
        var settings: [(name: String, value: String)] = []
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                settings.append((String(cString: keyword), String(cString: value)))
            }
            option += 1
        }
        self.settings = settings
    }

    /// Everything that libpq is given: the settings, and what the store sets where they do not.
    func parameters(connectTimeout: Duration) -> [(name: String, value: String)] {
        let defaults = [
            ("fallback_application_name", "skein"),
            ("client_encoding", "UTF8"),
            ("connect_timeout", String(max(2, connectTimeout.components.seconds))),
            // A peer that has vanished is noticed within half a minute.
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "4"),
            ("tcp_user_timeout", "30000"),
        ]
        let given = Set(settings.map(\.name))
        return settings.filter { $0.name != "client_encoding" }
            + defaults.filter { $0.0 == "client_encoding" || !given.contains($0.0) }.map { (name: $0.0, value: $0.1) }
    }

    /// Takes passwords out of a text of libpq.
    func redacting(_ text: String) -> String {
        let passwords = settings.filter { ["password", "sslpassword"].contains($0.name) && !$0.value.isEmpty }
        return passwords.reduce(text) { text, password in
            text.split(separator: password.value, omittingEmptySubsequences: false).joined(separator: "…")
        }
    }
}
