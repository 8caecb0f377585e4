import Skein
import SkeinPostgres
import SkeinSQLite

/// Where the events are kept. The one place that names kinds of stores.
///
/// A connection string may hold a password, so no text shows any part of it.
enum Storage: Equatable, Sendable {
    /// A SQLite file, for one process at a time.
    case file(String)

    /// A schema of the PostgreSQL database that a libpq connection string or URI leads to.
    case server(connection: String, schema: String)

    /// Opens the store, lets it be used, and closes it whatever happens.
    func withStore<Value>(_ body: (any EventStore) async throws -> Value) async throws -> Value {
        let store = try await open()
        do {
            let value = try await body(store)
            await store.close()
            return value
        } catch {
            await store.close()
            throw error
        }
    }

    private func open() async throws(Complaint) -> any EventStore {
        do {
            switch self {
            case .file(let path):
                return try await SQLiteEventStore(path: path)
            case .server(let connection, let schema):
                var configuration = PostgresConfiguration()
                configuration.schema = schema
                return try await PostgresEventStore(connection, configuration: configuration)
            }
        } catch {
            // Only the message: what libpq says besides may repeat a password that was not escaped as a URI wants it.
            if case .invalidInput = error.code { throw Complaint.input(error.message) }
            throw Complaint.failure("the database \(self) cannot be opened: \(error.message)")
        }
    }

    /// The option that chooses another place of the same kind.
    var option: String {
        switch self {
        case .file: "--database"
        case .server: "--schema"
        }
    }
}

extension Storage: CustomStringConvertible {
    var description: String {
        switch self {
        case .file(let path): path
        case .server(_, let schema): "PostgreSQL (schema \(schema))"
        }
    }
}

extension Storage {
    /// Whether libpq could take this text: a URI, or pairs such as `host=db dbname=shop`. A path is neither.
    static func isConnection(_ text: String) -> Bool {
        isURI(text) || text.contains("=")
    }

    /// Whether this text was hardly meant as a path, and might show a password if it were used as one.
    static func isMistakenForPath(_ text: String) -> Bool {
        isURI(text.lowercased()) || text.lowercased().contains("password=")
    }

    private static func isURI(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }
}
