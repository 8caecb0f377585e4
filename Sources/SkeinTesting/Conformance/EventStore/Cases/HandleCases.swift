import Skein
import Testing

extension EventStoreConformance {
    /// Several stores that are open on one place at once.
    static let handles: [Case] = [
        two("what one has stored the other reads at once") { first, second in
            try await first.keep(.notes("a"))
            try check(try await second.log().map(\.note), is: ["a"])
            try await second.keep(.notes("b", expecting: .exactly(1)))
            try check(try await first.notes(), is: ["a", "b"])
        },
        two("the expected version counts what the other has stored") { first, second in
            try await first.keep(.notes("a"))
            try await second.keep(.notes("b"))
            for expected in [ExpectedVersion.noStream, .exactly(1)] {
                try await refuses(.conflict(expected: expected, actual: 2)) {
                    try await first.append(.notes("x", expecting: expected))
                }
            }
        },
        two("a command that one has stored is known to the other") { first, second in
            let events = StreamAppend.notes("a", fingerprint: 1)
            let answer = StreamAppend.answer(.rejection([1]))
            try await first.keep(events)
            try await first.keep(answer)
            try check(try await second.recall(events), is: [try await first.known(events.command)])
            try check(try await second.recall(answer).map(\.outcome), is: [.rejection([1])])
        },
        two("of racing appends through both exactly one goes through") { first, second in
            for round in 0..<10 as Range<Int64> {
                let results = try await atOnce(8) { number in
                    let store = number % 2 == 0 ? first : second
                    return try await failure { try await store.keep(.notes("x", expecting: .exactly(round))) }
                }
                try check(results.count { $0 == nil }, is: 1, "appends that went through in round \(round)")
            }
            try check(try await first.events().map(\.version), is: Array(1...10))
        },
        two("a command that comes through both at once is stored once") { first, second in
            for _ in 0..<10 {
                let append = StreamAppend.notes("x", fingerprint: 1)
                _ = try await atOnce(8) { try await ($0 % 2 == 0 ? first : second).append(append) }
            }
            try check(try await second.head(), is: 10)
        },
        two("a reader on one sees the log in order while the other is written to") { first, second in
            let done = Flag()
            let seen = try await withThrowingTaskGroup(of: [StoredEvent].self) { group in
                group.addTask { try await follow(second) { done.isUp || Task.isCancelled } }
                try await atOnce(4) { number in
                    for _ in 0..<20 { try await first.keep(.notes("a", "b", to: .note("\(number)"))) }
                }
                done.raise()
                return try await group.next() ?? []
            }
            try check(seen.map(\.position), is: Array(1...160))
        },
        two("a claim through one fences off the owner on the other") { first, second in
            let old = try await first.claimCheckpoint(of: "view")
            let new = try await second.claimCheckpoint(of: "view")
            try check(new.epoch, is: old.epoch + 1)
            try await refuses(.checkpointFenced) { try await first.move(old, to: 1) }
            try check(try await second.move(new, to: 2).position, is: 2)
            try check(try await first.checkpoint(of: "view")?.position, is: 2)
        },
        two("a stream that one deletes is deleted for the other") { first, second in
            try await first.keep(.notes("a"))
            try check(try await second.version(of: .ada), is: 1)
            try await first.delete(.ada, mode: .soft, expecting: .any)
            try await refuses(.streamDeleted) { try await second.append(.notes("x", expecting: .exactly(1))) }
            try await refuses(.streamDeleted) { try await second.version(of: .ada) }
        },
        two("a snapshot of the one is there for the other, and is not set back") { first, second in
            let kept = Snapshot(stream: .ada, version: 5, shapeVersion: 1, payload: [5])
            try await first.save(kept)
            try await second.save(Snapshot(stream: .ada, version: 3, shapeVersion: 1, payload: [3]))
            try check(try await second.snapshot(of: .ada), is: kept)
        },
        two("closing one leaves the other at work") { first, second in
            try await first.keep(.notes("a"))
            await first.close()
            try check(try await second.keep(.notes("b", expecting: .exactly(1))).version, is: 2)
            try await refuses(.closed) { try await first.head() }
        },
        Case("several handles", "opening and migrating many at once works", needs: [.severalHandles]) { stage in
            try await stage.store.keep(.notes("a"))
            let stores = try await atOnce(6) { _ in try await stage.open() }
            for store in stores { try check(try await store.log().map(\.note), is: ["a"]) }
        },
    ]

    private static func two(
        _ name: String,
        _ body: @escaping @Sendable (any EventStore, any EventStore) async throws -> Void
    ) -> Case {
        Case("several handles", name, needs: [.severalHandles]) { stage in
            try await body(stage.store, try await stage.open())
        }
    }
}
