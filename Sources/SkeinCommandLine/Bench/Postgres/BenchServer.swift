import Dispatch
import Skein
import SkeinPostgres

/// The PostgreSQL server that is measured.
struct BenchServer: Sendable {
    /// How to connect, as libpq reads it.
    let connection: String

    /// Makes a schema with the store's tables, lends it, and drops it.
    func withSchema<Result: Sendable>(
        _ body: @Sendable (BenchSchema) async throws -> Result
    ) async throws -> Result {
        let name = "skein_bench_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        let schema = BenchSchema(server: self, name: name)
        try await schema.store().close()
        do {
            let result = try await body(schema)
            try await run { try $0.run("DROP SCHEMA \(name) CASCADE") }
            return result
        } catch {
            try? await run { try $0.run("DROP SCHEMA \(name) CASCADE") }
            throw error
        }
    }

    /// Runs a closure with a bare connection, on a thread that may block.
    func run<Result: Sendable>(_ body: @escaping @Sendable (LibpqSession) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "skein.bench.libpq").async { [connection] in
                continuation.resume(with: Swift.Result { try body(try LibpqSession(connection)) })
            }
        }
    }
}

/// A schema of a measurement's own.
struct BenchSchema: Sendable {
    let server: BenchServer
    let name: String

    func store() async throws -> PostgresEventStore {
        var configuration = PostgresConfiguration()
        configuration.schema = name
        return try await PostgresEventStore(server.connection, configuration: configuration)
    }
}
