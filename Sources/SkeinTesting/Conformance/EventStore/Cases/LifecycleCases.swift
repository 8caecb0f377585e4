import Skein
import Testing

extension EventStoreConformance {
    static let lifecycle: [Case] = [
        Case("life", "migrating again changes nothing") { stage in
            let append = StreamAppend.notes("a", fingerprint: 1)
            try await stage.store.keep(append)
            let checkpoint = try await stage.store.claimCheckpoint(of: "view")
            for _ in 0..<3 { try await stage.store.migrate() }
            try check(try await stage.store.log().map(\.note), is: ["a"])
            try check(try await stage.store.recall(append).count, is: 1)
            try check(try await stage.store.checkpoint(of: "view"), is: checkpoint)
        },
        Case("life", "migrating many times at once works, also while others write") { stage in
            try await atOnce(16) { number in
                if number % 2 == 0 {
                    try await stage.store.migrate()
                } else {
                    try await stage.store.keep(.notes("\(number)"))
                }
            }
            try check(try await stage.store.events().count, is: 8)
        },
        Case("life", "closing may be repeated, also at once") { stage in
            try await stage.store.keep(.notes("a"))
            try await atOnce(4) { _ in await stage.store.close() }
            await stage.store.close()
            try await refuses(.closed) { try await stage.store.head() }
        },
        closed("appending") { store in
            try await refuses(.closed) { try await store.append(.notes("x")) }
            try await refuses(.closed) { try await store.append(.answer(.nothing)) }
            try await refuses(.closed) { try await store.append(.commands([])) }
        },
        closed("reading") { store in
            try await refuses(.closed, "read") {
                try await store.read(.ada, from: 1, direction: .forward, limit: 1)
            }
            try await refuses(.closed, "readLog") {
                try await store.readLog(from: 0, direction: .forward, filter: .all, limit: 1)
            }
            try await refuses(.closed, "version") { try await store.version(of: .ada) }
            try await refuses(.closed, "head") { try await store.head() }
            try await refuses(.closed, "outcome") { try await store.outcome(of: .unused()) }
        },
        closed("deleting") { store in
            try await refuses(.closed) { try await store.delete(.ada, mode: .soft, expecting: .any) }
        },
        closed("everything about snapshots") { store in
            let snapshot = Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: [])
            try await refuses(.closed, "snapshot") { try await store.snapshot(of: .ada) }
            try await refuses(.closed, "save") { try await store.save(snapshot) }
            try await refuses(.closed, "deleteSnapshot") { try await store.deleteSnapshot(of: .ada) }
        },
        closed("everything about checkpoints") { store in
            let checkpoint = Checkpoint(subscription: "view", position: 0, epoch: 1)
            try await refuses(.closed, "checkpoint") { try await store.checkpoint(of: "view") }
            try await refuses(.closed, "claimCheckpoint") { try await store.claimCheckpoint(of: "view") }
            try await refuses(.closed, "move") { try await store.move(checkpoint, to: 1) }
            try await refuses(.closed, "deleteCheckpoint") { try await store.deleteCheckpoint(of: "view") }
        },
        closed("migrating") { store in
            try await refuses(.closed) { try await store.migrate() }
        },
        Case("life", "appends that race with closing are stored or told that the store is closed") { stage in
            let results = try await atOnce(24) { number in
                if number == 12 { await stage.store.close() }
                return try await failure { try await stage.store.keep(.notes("x", to: .note("\(number)"))) }
            }
            for code in results {
                try check(code == nil || code == .closed, "\(String(describing: code)) is nil or closed")
            }
            try check(results[12], is: .closed, "the append after closing")
        },
        Case("life", "reads that race with closing are answered or told that the store is closed") { stage in
            try await stage.store.keep(.notes("a"))
            let results = try await atOnce(24) { number in
                if number == 12 { await stage.store.close() }
                return try await failure { try check(try await stage.store.log().map(\.note), is: ["a"]) }
            }
            for code in results {
                try check(code == nil || code == .closed, "\(String(describing: code)) is nil or closed")
            }
        },
    ]

    private static func closed(
        _ what: String,
        _ body: @escaping @Sendable (any EventStore) async throws -> Void
    ) -> Case {
        Case("life", "\(what) is refused after closing") { stage in
            try await stage.store.keep(.notes("a"))
            _ = try await stage.store.claimCheckpoint(of: "view")
            await stage.store.close()
            try await body(stage.store)
        }
    }
}
