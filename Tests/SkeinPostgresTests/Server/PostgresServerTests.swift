import Foundation
import PostgresServer
import Testing

/// The servers that tests are run on.
struct PostgresServerTests {
    @Test func `a server is durable, on a socket only, and gone with its folder when it is ended`() async throws {
        let server = try await PostgresServer()
        let session = try await server.session()
        let settings = ["fsync", "full_page_writes", "synchronous_commit", "listen_addresses", "max_connections"]
        var values: [String?] = []
        for setting in settings { values.append(try await session.value("SHOW \(setting)")) }
        #expect(values == ["on", "on", "on", "", "500"])
        await session.close()
        await server.end()
        #expect(!FileManager.default.fileExists(atPath: server.folder.path))
        await #expect(throws: SQLFailure.self) { try await server.session() }
    }

    @Test func `what was committed is there after a crash`() async throws {
        let server = try await PostgresServer()
        let session = try await server.session()
        try await session.run("CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)")
        try await server.stop(.immediate)
        await #expect(throws: SQLFailure.self) { try await session.run("SELECT 1") }
        try await server.start()
        #expect(try await server.session().value("SELECT number FROM kept") == "7")
        await server.end()
    }

    @Test func `a server ends when the process that started it is killed`() async throws {
        let program = try ChildProcess(BuiltProgram.torture, ["serve"])
        var lines = program.lines.makeAsyncIterator()
        let folder = try #require(await lines.next())
        let address = "host=\(folder) port=5432 dbname=postgres user=postgres"
        let session = try await PostgresSession.connect(address)
        #expect(try await session.value("SELECT 1") == "1")
        program.signal(SIGKILL)
        #expect(await program.exit() == ProcessExit(signal: SIGKILL))
        // Another server tells the time while the watchdog works.
        let clock = try await PostgresServer.shared.session()
        let end = ContinuousClock.now + .seconds(20)
        while FileManager.default.fileExists(atPath: folder), ContinuousClock.now < end {
            try await clock.run("SELECT pg_sleep(0.01)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder))
        await #expect(throws: SQLFailure.self) { try await session.run("SELECT 1") }
    }
}
