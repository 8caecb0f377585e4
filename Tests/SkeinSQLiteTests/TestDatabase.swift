import Foundation
import GRDB
import Skein
import SkeinSQLite

/// A folder of its own for one test, gone when the test is over.
final class TestDatabase: Sendable {
    let folder: String
    var path: String { folder + "/test.sqlite" }

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/skein-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func open(
        _ configure: (inout SQLiteConfiguration) -> Void = { _ in }
    ) async throws(EventStoreError) -> SQLiteEventStore {
        var configuration = SQLiteConfiguration()
        // A test holds the lock itself for as long as a busy machine takes to get there.
        configuration.busyTimeout = .seconds(120)
        configure(&configuration)
        return try await SQLiteEventStore(path: path, configuration: configuration)
    }

    /// Uses the file as another program would.
    @discardableResult
    func withDatabase<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.busyMode = .timeout(120)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.inDatabase(body)
    }

    /// Holds the database's lock for writing as another program would, until the closure that it returns is called.
    func lock() throws -> @Sendable () throws -> Void {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
        return { try queue.close() }
    }

    func permissions(of suffix: String) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue
    }
}

let ada = StreamID(aggregate: "account", id: "ada")
let bob = StreamID(aggregate: "account", id: "bob")

/// A command with events of one name; equal numbers give equal ids.
func command(
    _ number: UInt64,
    events count: Int = 1,
    named name: String = "deposited",
    fingerprint: UInt64 = 0,
    payload: [UInt8] = Array(#"{"amount":1}"#.utf8),
    metadata: EventMetadata = EventMetadata()
) -> CommandAppend {
    let id = CommandID(high: 7, low: number)
    let events = (0..<count).map { ordinal in
        NewEvent(
            id: EventID(command: id, ordinal: ordinal),
            name: name,
            payload: payload,
            metadata: metadata
        )
    }
    return CommandAppend(id: id, fingerprint: fingerprint, outcome: .events(events))
}

extension EventStore {
    /// Appends one command.
    @discardableResult
    func append(
        _ command: CommandAppend,
        to stream: StreamID,
        expecting expected: ExpectedVersion = .any
    ) async throws(EventStoreError) -> AppendResult {
        try await append([command], to: stream, expecting: expected)
    }

    /// Appends several commands as one.
    @discardableResult
    func append(
        _ commands: [CommandAppend],
        to stream: StreamID,
        expecting expected: ExpectedVersion = .any
    ) async throws(EventStoreError) -> AppendResult {
        try await append(StreamAppend(stream: stream, expecting: expected, commands: commands))
    }

    func log(filter: EventFilter = .all) async throws(EventStoreError) -> [StoredEvent] {
        try await readLog(from: 0, direction: .forward, filter: filter, limit: limits.pageSize).events
    }

    func events(of stream: StreamID) async throws(EventStoreError) -> [StoredEvent] {
        try await read(stream, from: 1, direction: .forward, limit: limits.pageSize)
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

/// The code of the error that an operation ends with; nil if it ends well.
func code(of operation: () async throws(EventStoreError) -> Void) async -> EventStoreError.Code? {
    do throws(EventStoreError) {
        try await operation()
        return nil
    } catch {
        return error.code
    }
}

extension SQLiteEventStore {
    /// Appends one command with a body in its transaction.
    @discardableResult
    func append(
        _ command: CommandAppend,
        to stream: StreamID,
        running body: @escaping @Sendable ([StoredEvent], SQLiteTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        try await append(StreamAppend(stream: stream, commands: [command]), running: body)
    }
}
