import PostgresServer
import Testing

/// The proxy's faults, seen with plain SQL.
@Suite(.timeLimit(.minutes(1)))
struct ProxyTests {
    private let server: PostgresServer
    private let database: String
    private let proxy: Proxy
    private let direct: PostgresSession

    init() async throws {
        server = try await .shared
        database = try await server.makeDatabase()
        proxy = try Proxy(to: server.socket)
        direct = try await server.session(to: database)
        try await direct.run("CREATE TABLE events (number int)")
    }

    private func connect() async throws -> PostgresSession {
        try await .connect(server.connection(to: database, through: proxy.port))
    }

    private func insert(through session: PostgresSession) async -> Bool {
        (try? await session.run("INSERT INTO events VALUES (1)")) != nil
    }

    private func count() async throws -> String? {
        try await direct.value("SELECT count(*) FROM events")
    }

    @Test func `it passes everything on`() async throws {
        let session = try await connect()
        let text = String(repeating: "x", count: 3_000_000)
        #expect(try await session.value("SELECT '\(text)'") == text)
        #expect(proxy.tally == Proxy.Tally(connections: 1))
        #expect(proxy.openConnections == 1)
    }

    @Test func `an answer that is lost belongs to an insert that is committed`() async throws {
        let session = try await connect()
        proxy.cut(.append(.afterAnswer, skipping: 1))
        #expect(await insert(through: session))
        #expect(await insert(through: session) == false)
        #expect(try await count() == "2")
        #expect(proxy.tally.statementCuts == [.afterAnswer: 1])
        #expect(await insert(through: try await connect()))
    }

    @Test func `a request that is lost has stored nothing`() async throws {
        let session = try await connect()
        proxy.cut(.append(.beforeRequest))
        #expect(await insert(through: session) == false)
        #expect(proxy.tally.statementCuts == [.beforeRequest: 1])
        #expect(try await count() == "0")
    }

    @Test func `a request that was passed on is carried out, though its sender is cut off`() async throws {
        let session = try await connect()
        proxy.cut(.append(.afterRequest))
        #expect(await insert(through: session) == false)
        #expect(proxy.tally.statementCuts == [.afterRequest: 1])
        #expect(try await direct.wait(until: "(SELECT count(*) FROM events) = 1"))
    }

    @Test(arguments: [true, false]) func `connections are cut`(abruptly: Bool) async throws {
        let sessions = [try await connect(), try await connect()]
        #expect(await proxy.cutConnections(abruptly: abruptly) == 2)
        for session in sessions { #expect(await insert(through: session) == false) }
        #expect(proxy.openConnections == 0)
        #expect(await insert(through: try await connect()))
    }

    @Test func `new connections are refused until they are not`() async throws {
        let before = try await connect()
        proxy.refuseConnections(true)
        await #expect(throws: SQLFailure.self) { try await connect() }
        #expect(await insert(through: before))
        proxy.calm()
        #expect(await insert(through: try await connect()))
    }

    @Test func `a connection that is stalled stays and goes on later`() async throws {
        let session = try await connect()
        proxy.stall(true)
        let inserted = Task { await insert(through: session) }
        try await direct.run("SELECT pg_sleep(0.1)")
        #expect(try await count() == "0")
        #expect(proxy.openConnections == 1)
        proxy.stall(false)
        #expect(await inserted.value)
        #expect(try await count() == "1")
    }

    @Test func `bytes come late in both directions`() async throws {
        let session = try await connect()
        proxy.delay(.milliseconds(60))
        let start = ContinuousClock.now
        #expect(await insert(through: session))
        #expect(start.duration(to: .now) >= .milliseconds(120))
    }
}
