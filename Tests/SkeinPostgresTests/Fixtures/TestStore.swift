import Logging
import PostgresServer
import Skein
import SkeinPostgres

/// A database of its own on the shared server, and stores on it.
struct TestStore: Sendable {
    let server: PostgresServer
    let database: String

    /// - Parameter options: What `CREATE DATABASE` gets beside the name.
    init(_ options: String = "", on server: PostgresServer? = nil) async throws {
        self.server = if let server { server } else { try await .shared }
        database = try await self.server.makeDatabase(options)
    }

    /// How to connect, as libpq reads it.
    var connection: String { server.connection(to: database) }

    /// Opens a store, through a proxy if there is one.
    func open(
        through proxy: Proxy? = nil,
        as user: String = "postgres",
        _ configure: (inout PostgresConfiguration) -> Void = { _ in }
    ) async throws(EventStoreError) -> PostgresEventStore {
        let connection =
            proxy.map { server.connection(to: database, as: user, through: $0.port) }
            ?? server.connection(to: database, as: user)
        return try await PostgresEventStore(connection, configuration: .test(configure))
    }

    /// Whether so many connections of a session's database wait for a lock, in SQL.
    static func isWaiting(_ count: Int = 1) -> String {
        """
        (SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock') >= \(count)
        """
    }

    /// A connection of the test's own.
    func session(as user: String = "postgres") async throws -> PostgresSession {
        try await server.session(to: database, as: user)
    }
}

extension PostgresConfiguration {
    /// The defaults with a short poll, and changes to them. Nothing is logged.
    ///
    /// A connection has long to be made: tests keep every processor busy, and the disk.
    static func test(_ configure: (inout PostgresConfiguration) -> Void = { _ in }) -> PostgresConfiguration {
        var configuration = PostgresConfiguration()
        configuration.connectTimeout = .seconds(60)
        configuration.pollInterval = .milliseconds(100)
        configuration.logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        configure(&configuration)
        return configuration
    }
}

let ada = StreamID(aggregate: "account", id: "ada")
let bob = StreamID(aggregate: "account", id: "bob")

/// A command with events; equal numbers give equal ids.
func command(_ number: UInt64, events count: Int = 1, payload: String = #"{"amount":1}"#) -> CommandAppend {
    let id = CommandID(high: 7, low: number)
    let events = (0..<count).map { ordinal in
        NewEvent(id: EventID(command: id, ordinal: ordinal), name: "deposited", payload: Array(payload.utf8))
    }
    return CommandAppend(id: id, fingerprint: 1, outcome: .events(events))
}

extension EventStore {
    /// Appends one command.
    @discardableResult
    func append(
        _ command: CommandAppend,
        to stream: StreamID,
        expecting expected: ExpectedVersion = .any
    ) async throws(EventStoreError) -> AppendResult {
        try await append(StreamAppend(stream: stream, expecting: expected, commands: [command]))
    }

    func log() async throws(EventStoreError) -> [StoredEvent] {
        try await readLog(from: 0, direction: .forward, filter: .all, limit: limits.pageSize).events
    }

    /// Appends, and repeats the append for as long as its outcome is unknown or the store may succeed later, as a bus does.
    func appendUntilKnown(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        for _ in 0..<50 {
            do throws(EventStoreError) {
                return try await self.append(append)
            } catch {
                guard error.isTransient || error.code == .outcomeUnknown else { throw error }
            }
        }
        return try await self.append(append)
    }
}

extension AppendResult {
    var receipt: AppendReceipt? {
        if case .stored(let receipt) = self { receipt } else { nil }
    }

    var known: [KnownCommand]? {
        if case .known(let known) = self { known } else { nil }
    }
}

/// The error that an operation ends with; nil if it ends well.
func failure(of operation: () async throws(EventStoreError) -> Void) async -> EventStoreError? {
    do throws(EventStoreError) {
        try await operation()
        return nil
    } catch {
        return error
    }
}
