import PostgresServer
import Skein
import SkeinPostgres
import Testing

/// Processes that open stores on the same fresh databases at the same moment.
@Suite(.timeLimit(.minutes(2)))
struct MigrationRaceTests {
    @Test func `eight processes migrate twenty fresh databases at once, and all succeed`() async throws {
        let server = try await PostgresServer.shared
        let racers = try await (0..<8).asyncMap { _ in try await Racer() }
        var answers: [String: Int] = [:]
        for _ in 0..<20 {
            let address = server.connection(to: try await server.makeDatabase())
            for racer in racers { racer.child.send(address) }
            for racer in racers { answers[await racer.nextLine() ?? "ended", default: 0] += 1 }
            let store = try await PostgresEventStore(address, configuration: .test { $0.migratesOnOpening = false })
            #expect(try await store.append(command(1), to: ada).receipt?.position == 1)
            await store.close()
        }
        #expect(answers == ["migrated": 160])
        for racer in racers {
            racer.child.closeInput()
            #expect(await racer.child.exit() == ProcessExit(code: 0))
        }
    }
}

/// A process that opens stores when it is told.
private final class Racer: Sendable {
    let child: ChildProcess
    private let reader: LineReader

    init() async throws {
        child = try ChildProcess(BuiltProgram.torture, ["migrate"])
        reader = LineReader(child.lines)
        _ = await reader.next()
    }

    func nextLine() async -> String? { await reader.next() }
}

private actor LineReader {
    private let lines: AsyncStream<String>

    init(_ lines: AsyncStream<String>) {
        self.lines = lines
    }

    func next() async -> String? {
        for await line in lines { return line }
        return nil
    }
}

extension Range where Element == Int {
    fileprivate func asyncMap<Value>(_ body: (Int) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
