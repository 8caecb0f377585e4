import PostgresServer
import Skein
import SkeinPostgres
import Testing

/// Connections that break at the worst moment, seen through a proxy.
@Suite(.timeLimit(.minutes(1)))
struct LostConnectionTests {
    private let place: TestStore
    private let proxy: Proxy
    private let store: PostgresEventStore

    init() async throws {
        place = try await TestStore()
        proxy = try Proxy(to: place.server.socket)
        store = try await place.open(through: proxy)
    }

    /// The ways to an append: the process knows the versions, for one event or several, and for one event also the log's
    /// end; or the server looks everything up.
    enum Way: CaseIterable { case next, single, optimistic, checked }

    private func prepare(_ way: Way) async throws -> (PostgresEventStore, StreamAppend) {
        let store = try await place.open(through: proxy) { $0.reliesOnLogEnd = way == .next }
        try await store.append(command(1), to: ada)
        return (store, append(way))
    }

    private func append(_ way: Way) -> StreamAppend {
        switch way {
        case .next, .single: StreamAppend(stream: ada, expecting: .exactly(1), commands: [command(2)])
        case .optimistic: StreamAppend(stream: ada, expecting: .exactly(1), commands: [command(2, events: 2)])
        case .checked:
            // An outcome without events is kept by the checked function only.
            StreamAppend(
                stream: ada,
                expecting: .exactly(1),
                commands: [
                    command(2), CommandAppend(id: CommandID(high: 7, low: 99), fingerprint: 5, outcome: .nothing),
                ]
            )
        }
    }

    @Test(arguments: Way.allCases)
    func `an append whose answer is lost is unknown, and known when it is repeated`(way: Way) async throws {
        let (store, append) = try await prepare(way)
        proxy.cut(.append(.afterAnswer))
        let error = await failure { () async throws(EventStoreError) in _ = try await store.append(append) }
        #expect(error?.code == .outcomeUnknown)
        #expect(proxy.tally.statementCuts == [.afterAnswer: 1])
        let known = try #require(try await store.append(append).known)
        #expect(known.map(\.id) == append.commands.map(\.id))
        let last = Int64(1 + append.eventCount)
        #expect(known.first?.version == last)
        #expect(try await store.log().map(\.version) == Array(1...last))
    }

    @Test(arguments: Way.allCases)
    func `an append that never came is unknown too, and stored when it is repeated`(way: Way) async throws {
        let (store, append) = try await prepare(way)
        proxy.cut(.append(.beforeRequest))
        let error = await failure { () async throws(EventStoreError) in _ = try await store.append(append) }
        #expect(error?.code == .outcomeUnknown)
        #expect(proxy.tally.statementCuts == [.beforeRequest: 1])
        let last = Int64(1 + append.eventCount)
        #expect(try await store.append(append).receipt?.version == last)
        #expect(try await store.log().map(\.version) == Array(1...last))
    }

    @Test(arguments: Way.allCases)
    func `a repetition waits for the original that is still being carried out`(way: Way) async throws {
        let (store, append) = try await prepare(way)
        // Whoever writes waits here; the original among them, whose client is cut off meanwhile.
        let holder = try await place.session()
        try await holder.run("BEGIN; SELECT FROM skein.head FOR UPDATE")
        proxy.cut(.append(.afterRequest))
        let error = await failure { () async throws(EventStoreError) in _ = try await store.append(append) }
        #expect(error?.code == .outcomeUnknown)
        let observer = try await place.session()
        #expect(try await observer.wait(until: TestStore.isWaiting(1)))
        let repetition = Task { try await store.append(append) }
        #expect(try await observer.wait(until: TestStore.isWaiting(2)))
        #expect(try await store.outcome(of: append.commands[0].id) == nil)
        try await holder.run("COMMIT")
        let last = Int64(1 + append.eventCount)
        #expect(try await repetition.value.known?.first?.version == last)
        #expect(try await store.log().map(\.version) == Array(1...last))
    }

    @Test func `a connection that is cut while nothing is under way costs nobody an error`() async throws {
        try await store.append(command(1), to: ada)
        await proxy.cutConnections()
        #expect(try await store.log().count == 1)
        await proxy.cutConnections(abruptly: false)
        #expect(try await store.append(command(2), to: ada).receipt?.version == 2)
    }

    @Test func `backends that the server ends are replaced`() async throws {
        let session = try await place.session()
        for number: UInt64 in 1...5 {
            let append = StreamAppend(stream: ada, commands: [command(number)])
            _ = try await store.appendUntilKnown(append)
            let ended = try await session.run(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """
            )
            #expect(ended.count >= 2)
            #expect(try await store.head() == Int64(number))
        }
        #expect(try await store.log().map(\.version) == [1, 2, 3, 4, 5])
    }

    @Test func `a server that falls silent is given up, and the outcome told when it is back`() async throws {
        let impatient = try await place.open(through: proxy) {
            $0.statementTimeout = .seconds(2)
            $0.connectTimeout = .seconds(5)
        }
        _ = try await impatient.appendUntilKnown(StreamAppend(stream: ada, commands: [command(1)]))
        proxy.stall(true)
        let append = StreamAppend(stream: ada, commands: [command(2)])
        let error = await failure { () async throws(EventStoreError) in _ = try await impatient.append(append) }
        #expect(error?.code == .outcomeUnknown)
        let reading = await failure { () async throws(EventStoreError) in _ = try await impatient.log() }
        #expect(reading?.isTransient == true)
        proxy.stall(false)
        _ = try await impatient.appendUntilKnown(append)
        #expect(try await place.open().log().map(\.version) == [1, 2])
        await impatient.close()
    }

    @Test func `while the server cannot be reached, calls fail as connectionLost and nothing is stored`() async throws {
        let impatient = try await place.open(through: proxy) { $0.connectTimeout = .seconds(4) }
        _ = try await impatient.appendUntilKnown(StreamAppend(stream: ada, commands: [command(1)]))
        proxy.refuseConnections(true)
        await proxy.cutConnections()
        let append = await failure { () async throws(EventStoreError) in
            try await impatient.append(command(2), to: ada)
        }
        #expect(append?.code == .connectionLost)
        let read = await failure { () async throws(EventStoreError) in _ = try await impatient.log() }
        #expect(read?.code == .connectionLost)
        proxy.refuseConnections(false)
        let later = StreamAppend(stream: ada, commands: [command(3)])
        #expect(try await impatient.appendUntilKnown(later).receipt?.version == 2)
        await impatient.close()
    }

    @Test func `closing while the server cannot be reached ends soon`() async throws {
        proxy.refuseConnections(true)
        await proxy.cutConnections()
        let before = proxy.tally.refusals
        let pending = Task {
            await failure { () async throws(EventStoreError) in try await store.append(command(1), to: ada) }
        }
        // The append and the listener try again and again.
        while proxy.tally.refusals < before + 5 { try await Task.sleep(for: .milliseconds(5)) }
        let start = ContinuousClock.now
        await store.close()
        #expect(await pending.value?.code == .connectionLost)
        #expect(start.duration(to: .now) < .seconds(8))
    }

    // Behaviour case 101.
    @Test func `a listener whose socket was closed tells of what was appended meanwhile`() async throws {
        // Without its own looking, so that only the connection's being new can tell.
        let listener = try await place.open(through: proxy) { $0.pollInterval = .seconds(3_600) }
        var signals = listener.commits().makeAsyncIterator()
        await signals.next()
        let writer = try await place.open()
        #expect(try await place.session().wait(until: Self.isListening))
        proxy.refuseConnections(true)
        await proxy.cutConnections()
        try await writer.append(command(1), to: ada)
        var head: Int64 = 0
        proxy.refuseConnections(false)
        while head < 1 {
            await signals.next()
            head = (try? await listener.head()) ?? 0
        }
        #expect(try await listener.log().count == 1)
        // And it listens again.
        try await writer.append(command(2), to: ada)
        while head < 2 {
            await signals.next()
            head = try await listener.head()
        }
        await listener.close()
        await writer.close()
    }

    /// Whether a connection is there on which the last thing that was done is what a listener does.
    private static let isListening = """
        EXISTS (SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND (query LIKE '%LISTEN%' OR query LIKE '%FROM head%')
                    AND pid <> pg_backend_pid())
        """
}
