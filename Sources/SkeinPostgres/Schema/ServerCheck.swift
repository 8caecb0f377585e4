import Logging
import Skein

/// Looks whether a server can keep what the store promises.
enum ServerCheck {
    private static let settings = Statement(
        "skein_settings",
        """
        SELECT pg_is_in_recovery(), current_setting('fsync') = 'on', current_setting('full_page_writes') = 'on',
            current_setting('default_transaction_read_only') = 'on', current_setting('synchronous_commit')
        """
    )

    static func run(
        _ connection: PostgresConnection,
        _ configuration: PostgresConfiguration,
        until deadline: Deadline
    ) throws {
        guard connection.serverVersion >= 150_000 else {
            let version = "\(connection.serverVersion / 10_000)"
            throw EventStoreError(.unsuitable, "the server is PostgreSQL \(version); the store needs 15 or later")
        }
        guard let encoding = connection.reported("server_encoding"), encoding == "UTF8" else {
            let encoding = connection.reported("server_encoding") ?? "unknown"
            throw EventStoreError(
                .unsuitable,
                "the database's encoding is \(encoding), the store needs UTF8; create it with ENCODING 'UTF8'"
            )
        }
        let rows = try connection.run(settings, until: deadline)
        guard rows.boolean(0, 0) == false else {
            throw EventStoreError(.readOnly, "the server is a standby; add target_session_attrs=read-write")
        }
        guard rows.boolean(0, 3) == false else {
            throw EventStoreError(.readOnly, "default_transaction_read_only is on for this database or user")
        }
        try check("fsync", rows.boolean(0, 1), configuration)
        try check("full_page_writes", rows.boolean(0, 2), configuration)
        if let level = rows.text(0, 4), level == "local" {
            configuration.logger.warning(
                "synchronous_commit is local: commits do not wait for standbys, a failover may lose the last ones"
            )
        }
    }

    private static func check(
        _ setting: String,
        _ isOn: Bool?,
        _ configuration: PostgresConfiguration
    ) throws(EventStoreError) {
        guard isOn != true else { return }
        guard configuration.toleratesDataLoss else {
            throw EventStoreError(
                .unsuitable,
                "the server's setting \(setting) is off: a crash of its machine may lose or damage what was acknowledged"
            )
        }
        configuration.logger.warning(
            "\(setting) is off: a crash of the server's machine may lose what was acknowledged"
        )
    }
}
