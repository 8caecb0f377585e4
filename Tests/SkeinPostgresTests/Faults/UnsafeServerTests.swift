import PostgresServer
import Skein
import SkeinPostgres
import Testing

/// Servers on which nothing can be kept safely.
@Suite(.timeLimit(.minutes(2)))
struct UnsafeServerTests {
    @Test func `a server that does not flush or does not protect pages is refused, unless that is wanted`()
        async throws
    {
        let server = try await PostgresServer(settings: ["fsync": "off"])
        let place = try await TestStore(on: server)
        let session = try await server.session()
        for (setting, other) in [("fsync", "full_page_writes"), ("full_page_writes", "fsync")] {
            try await session.run("ALTER SYSTEM SET \(setting) = off")
            try await session.run("ALTER SYSTEM SET \(other) = on")
            try await session.run("SELECT pg_reload_conf()")
            #expect(try await session.wait(until: "current_setting('\(setting)') = 'off'"))
            #expect(try await session.wait(until: "current_setting('\(other)') = 'on'"))
            let error = try #require(await failure { () async throws(EventStoreError) in _ = try await place.open() })
            #expect(error.code == .unsuitable)
            #expect(error.message.contains(setting))
            let store = try await place.open { $0.toleratesDataLoss = true }
            #expect(try await store.head() == 0)
            await store.close()
        }
        await server.end()
    }

    @Test func `a standby is refused, and takes over as soon as it is promoted`() async throws {
        let primary = try await PostgresServer()
        let place = try await TestStore(on: primary)
        let first = try await place.open()
        try await first.append(command(1), to: ada)
        await first.close()
        let standby = try await PostgresServer(standbyOf: primary)
        let session = try await standby.session(to: place.database)
        #expect(try await session.value("SELECT pg_is_in_recovery()") == "t")
        let connection = standby.connection(to: place.database)
        let error = await failure { () async throws(EventStoreError) in
            _ = try await PostgresEventStore(connection, configuration: .test())
        }
        #expect(error?.code == .readOnly)
        try await session.run("SELECT pg_promote()")
        let store = try await PostgresEventStore(connection, configuration: .test())
        #expect(try await store.append(command(2), to: ada).receipt?.version == 2)
        await store.close()
        await standby.end()
        await primary.end()
    }
}
