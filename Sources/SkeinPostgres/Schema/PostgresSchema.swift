import Skein

/// The schema's migrations, which are the numbered files in `Migrations`; a released one is never changed.
enum PostgresSchema {
    private static let migrations: [[UInt8]] = [
        PackageResources.v0001_events_sql,
        PackageResources.v0002_functions_sql,
        PackageResources.v0003_subscriptions_sql,
    ]

    /// The version that this program knows.
    static var latestVersion: Int { migrations.count }

    /// Brings the schema up to date, while no other process does.
    ///
    /// The files name no schema. A session that has looked for names before may not see at once that another one has made the
    /// schema, and would take the next one in its path; it does in the next transaction.
    ///
    /// - Parameter timeout: For each statement.
    static func migrate(
        _ connection: PostgresConnection,
        schema: String,
        within timeout: Duration
    ) throws {
        for _ in 0..<3 where try migrate(connection, schema: schema, ifSeen: true, within: timeout) { return }
        _ = try migrate(connection, schema: schema, ifSeen: false, within: timeout)
    }

    /// - Parameter ifSeen: Do nothing and return false where the session does not see the schema.
    private static func migrate(
        _ connection: PostgresConnection,
        schema: String,
        ifSeen: Bool,
        within timeout: Duration
    ) throws -> Bool {
        // The server gives up by itself before.
        let deadline = { Deadline(in: timeout + .seconds(5)) }
        do {
            // What is made here may take longer than an append, and so may the wait for another one who makes it. The number
            // is this project's; the lock holds for the database, whatever the schema.
            try connection.run(
                """
                BEGIN;
                SET LOCAL statement_timeout TO \(timeout.milliseconds);
                SET LOCAL lock_timeout TO \(timeout.milliseconds);
                """,
                until: deadline()
            )
            try connection.run("SELECT pg_advisory_xact_lock(\(lockNumber))", until: deadline())
            if try !exists(schema, in: connection, until: deadline()) {
                // Asking for it "if not exists" would need the right to create one, also where it exists.
                try connection.run("CREATE SCHEMA \"\(schema)\"", until: deadline())
            }
            if ifSeen, try connection.run(currentStatement, until: deadline()).text(0, 0) != schema {
                try connection.run("ROLLBACK", until: deadline())
                return false
            }
            try connection.run(
                """
                CREATE TABLE IF NOT EXISTS schema_versions (
                    version integer PRIMARY KEY,
                    migrated_at timestamptz NOT NULL DEFAULT now()
                );
                COMMENT ON TABLE schema_versions IS 'The migrations that were carried out.';
                """,
                until: deadline()
            )
            let found = try version(in: connection, until: deadline())
            try refuseNewer(found)
            for (number, file) in zip(1..., migrations) where number > found {
                try connection.run(String(decoding: file, as: UTF8.self), until: deadline())
                try connection.run("INSERT INTO schema_versions (version) VALUES (\(number))", until: deadline())
            }
            try connection.run("COMMIT", until: deadline())
            return true
        } catch {
            try? connection.run("ROLLBACK", until: deadline())
            throw error
        }
    }

    /// "skein" and a one, as the bytes of a number.
    private static let lockNumber: Int64 = 0x73_6B65_696E_0001

    /// The version that the database has; 0 if the schema is missing.
    static func version(in connection: PostgresConnection, until deadline: Deadline) throws -> Int {
        guard try connection.run(tableStatement, until: deadline).boolean(0, 0) == true else { return 0 }
        return Int(try connection.run(versionStatement, until: deadline).smallInteger(0, 0) ?? 0)
    }

    private static func exists(
        _ schema: String,
        in connection: PostgresConnection,
        until deadline: Deadline
    ) throws -> Bool {
        var parameters = Parameters()
        parameters.add(schema)
        return try connection.run(schemaStatement, parameters, until: deadline).boolean(0, 0) == true
    }

    private static let schemaStatement = Statement(
        "skein_has_schema",
        "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)"
    )

    private static let currentStatement = Statement("skein_current_schema", "SELECT current_schema()")

    private static let tableStatement = Statement(
        "skein_is_migrated",
        "SELECT to_regclass('schema_versions') IS NOT NULL"
    )

    private static let versionStatement = Statement(
        "skein_version",
        "SELECT coalesce(max(version), 0) FROM schema_versions"
    )

    /// Refuses a schema that this program does not know, and one that it would have to bring up to date.
    static func check(_ found: Int) throws(EventStoreError) {
        try refuseNewer(found)
        guard found == latestVersion else {
            throw EventStoreError(
                .notMigrated,
                found == 0
                    ? "the schema is missing; migrate() creates it"
                    : "the schema has version \(found), this program needs \(latestVersion); migrate() brings it there"
            )
        }
    }

    private static func refuseNewer(_ found: Int) throws(EventStoreError) {
        guard found <= latestVersion else {
            throw EventStoreError(
                .newerSchema(found: found, supported: latestVersion),
                "the schema has version \(found), this program knows \(latestVersion); update the program"
            )
        }
    }
}
