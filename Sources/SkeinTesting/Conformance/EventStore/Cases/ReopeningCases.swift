import Skein
import Testing

extension EventStoreConformance {
    static let reopening: [Case] = [
        again("events are there, with everything that they were given") { stage in
            var event = NewEvent(id: .unused(), name: "renämed", schemaVersion: 7, payload: [0, 0xFF])
            event.metadata = EventMetadata(correlationID: .unused(), entries: ["tenant": "Ünïcode"])
            try await stage.store.keep(.events([event, .note("b")], fingerprint: .max))
            try await stage.store.keep(.notes("c", to: .bob))
            let before = try await stage.store.log()
            let store = try await stage.reopen()
            try check(try await store.log(), is: before)
            try check(try await store.events(), is: Array(before.prefix(2)))
        },
        again("versions and positions go on where they ended") { stage in
            try await stage.store.keep(.notes("a", "b"))
            try await stage.store.keep(.notes("c", to: .bob))
            let store = try await stage.reopen()
            try check(try await store.head(), is: 3)
            let receipt = try await store.keep(.notes("d", expecting: .exactly(2)))
            try check(receipt.version, is: 3)
            try check(receipt.position, is: 4)
        },
        again("an expectation that was overtaken is still a conflict") { stage in
            try await stage.store.keep(.notes("a", "b"))
            let store = try await stage.reopen()
            for expected in [ExpectedVersion.noStream, .exactly(1), .exactly(3)] {
                try await refuses(.conflict(expected: expected, actual: 2)) {
                    try await store.append(.notes("x", expecting: expected))
                }
            }
        },
        again("commands are known, with and without events") { stage in
            let appends: [StreamAppend] = [
                .notes("a", fingerprint: 1), .notes("b"), .events([.note("c")], fingerprint: 2),
                .answer(.rejection([1, 2])), .answer(.rejection([])), .answer(.nothing),
            ]
            for append in appends { try await stage.store.keep(append) }
            var before: [KnownCommand] = []
            for append in appends { before.append(try await stage.store.known(append.command)) }
            let store = try await stage.reopen()
            for (append, known) in zip(appends, before) { try check(try await store.recall(append), is: [known]) }
            try check(try await store.head(), is: 3)
        },
        again("ids of events are still taken") { stage in
            let event = NewEvent.note("a")
            try await stage.store.keep(.events([event]))
            let store = try await stage.reopen()
            try await refuses(.duplicateEvent(event.id)) { try await store.append(.events([event], to: .bob)) }
        },
        again("snapshots are there, and older ones are still ignored") { stage in
            let kept = Snapshot(stream: .ada, version: 5, shapeVersion: 1, payload: [5], checksum: 1)
            try await stage.store.save(kept)
            try await stage.store.save(Snapshot(stream: .bob, version: 1, shapeVersion: 1, payload: []))
            try await stage.store.deleteSnapshot(of: .bob)
            let store = try await stage.reopen()
            try await store.save(Snapshot(stream: .ada, version: 4, shapeVersion: 1, payload: [4]))
            try check(try await store.snapshot(of: .ada), is: kept)
            try check(try await store.snapshot(of: .bob), is: nil)
        },
        again("checkpoints are there, and owners from before are fenced off by a claim") { stage in
            let old = try await stage.store.move(try await stage.store.claimCheckpoint(of: "view"), to: 3)
            _ = try await stage.store.claimCheckpoint(of: "deleted")
            try await stage.store.deleteCheckpoint(of: "deleted")
            let store = try await stage.reopen()
            try check(try await store.checkpoint(of: "view"), is: old)
            try check(try await store.checkpoint(of: "deleted"), is: nil)
            let new = try await store.claimCheckpoint(of: "view")
            try check(new, is: Checkpoint(subscription: "view", position: 3, epoch: old.epoch + 1))
            try await refuses(.checkpointFenced) { try await store.move(old, to: 4) }
        },
        // case 35
        again("a softly deleted stream stays deleted, and the log still shows it") { stage in
            try await stage.store.keep(.notes("a"))
            try await stage.store.delete(.ada, mode: .soft, expecting: .any)
            let store = try await stage.reopen()
            try await refuses(.streamDeleted) { try await store.version(of: .ada) }
            try await refuses(.streamDeleted) { try await store.append(.notes("x")) }
            try check(try await store.log().map(\.note), is: ["a"])
        },
        // case 37
        again("what was deleted for good stays away, and its positions are not used again", needs: [.hardDelete]) {
            stage in
            let append = StreamAppend.notes("a", "b", fingerprint: 1)
            try await stage.store.keep(append)
            try await stage.store.delete(.ada, mode: .hard, expecting: .any)
            let store = try await stage.reopen()
            try check(try await store.log(), is: [])
            try check(try await store.head(), is: 2)
            try check(try await store.outcome(of: append.command), is: nil)
            let receipt = try await store.keep(append)
            try check(receipt.version, is: 2)
            try check(receipt.position, is: 4)
        },
        again("what was refused is not there") { stage in
            let stale = StreamAppend.notes("x", expecting: .exactly(7), fingerprint: 1)
            try await refuses(.conflict(expected: .exactly(7), actual: 0)) { try await stage.store.append(stale) }
            let store = try await stage.reopen()
            try check(try await store.head(), is: 0)
            try check(try await store.outcome(of: stale.command), is: nil)
        },
        again("of appends that raced with closing just those are there that were acknowledged") { stage in
            let acknowledged = try await atOnce(24) { number in
                if number == 12 { await stage.store.close() }
                let code = try await failure { try await stage.store.keep(.notes("\(number)", to: .note("\(number)"))) }
                return code == nil ? "\(number)" : nil
            }
            let store = try await stage.reopen()
            try check(try await store.log().map(\.note).sorted(), is: acknowledged.compactMap(\.self).sorted())
        },
        again("each of many openings finds what the one before left") { stage in
            try await stage.store.keep(.notes("0"))
            for round in 1...5 as ClosedRange<Int64> {
                let store = try await stage.reopen()
                let receipt = try await store.keep(.notes("\(round)", expecting: .exactly(round)))
                try check(receipt.position, is: round + 1)
                try check(try await store.notes(), is: (0...round).map(String.init))
            }
        },
    ]

    static func again(
        _ name: String,
        needs: Set<EventStoreCapability> = [],
        _ body: @escaping Case.Body
    ) -> Case {
        Case("opening again", name, needs: needs.union([.reopening]), body)
    }
}
