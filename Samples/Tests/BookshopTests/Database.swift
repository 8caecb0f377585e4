import Foundation
import Skein
import SkeinSQLite

@testable import bookshop

/// All that a database holds, read by the tests themselves.
struct Database: Equatable {
    private(set) var log: [StoredEvent] = []
    /// What each row's command came to, by its line.
    private(set) var outcomes: [Int: KnownCommand] = [:]

    init(_ path: URL, sales: URL, lines: Int) async throws {
        let file = try SalesFile(path: sales.path(percentEncoded: false))
        let store = try await SQLiteEventStore(path: path.path(percentEncoded: false))
        while true {
            let page = try await store.readLog(
                from: log.last?.position ?? 0,
                direction: .forward,
                filter: EventFilter(),
                limit: 10_000
            )
            guard !page.events.isEmpty else { break }
            log += page.events
        }
        for line in 1...lines {
            let id = CommandID(high: file.id.high, low: UInt64(line))
            outcomes[line] = try await store.outcome(of: id)
        }
        await store.close()
    }

    /// What does not depend on the order in which the articles were served: each stream's payloads.
    var streams: [StreamID: [String]] {
        Dictionary(grouping: log, by: \.stream).mapValues { events in
            events.map { "\($0.version) \($0.name) \(String(decoding: $0.payload, as: UTF8.self))" }
        }
    }

    /// The first outcome of each row: the kind, and the version that it led to.
    var verdicts: [Int: String] {
        outcomes.mapValues { known in
            switch known.outcome {
            case .events: "events, version \(known.version)"
            case .rejection(let bytes): String(decoding: bytes, as: UTF8.self)
            case .nothing: "nothing"
            }
        }
    }
}
