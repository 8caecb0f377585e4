import Skein
import Testing

extension EventStoreConformance {
    static let hardDelete: [Case] = [
        // case 37
        Case(
            "deleting for good",
            "a store that does not allow it refuses, and the stream stays",
            excludes: [.hardDelete]
        ) {
            stage in
            try await stage.store.keep(.notes("a"))
            try await stage.store.save(Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: [1]))
            try await refuses(.permission) { try await stage.store.delete(.ada, mode: .hard, expecting: .any) }
            try check(try await stage.store.notes(), is: ["a"])
            try check(try await stage.store.snapshot(of: .ada)?.version, is: 1)
        },
        // case 37
        gone("the stream is as if it never was") { stage in
            try await refuses(.streamNotFound) {
                try await stage.store.read(.ada, from: 1, direction: .forward, limit: 1)
            }
            try check(try await stage.store.version(of: .ada), is: 0)
        },
        // case 37
        gone("the stream may begin anew at version 1") { stage in
            try check(try await stage.store.keep(.notes("new", expecting: .noStream)).version, is: 1)
            try check(try await stage.store.notes(), is: ["new"])
        },
        gone("the events are gone from the log, in both directions") { stage in
            try check(try await stage.store.log().map(\.note), is: ["bob's"])
            try check(try await stage.store.logBackward().map(\.note), is: ["bob's"])
        },
        gone("the log's end stays, though its last event went") { stage in
            try check(try await stage.store.head(), is: 4)
            let page = try await stage.store.readLog(from: 0, direction: .forward, filter: .all, limit: 9)
            try check(page.head, is: 4)
            try check(page.scannedThrough, is: 4)
        },
        gone("the positions of the events are not used again") { stage in
            try check(try await stage.store.keep(.notes("new", expecting: .noStream)).position, is: 5)
            try check(try await stage.store.log().map(\.position), is: [2, 5])
        },
        gone("the stream's snapshot is gone") { stage in
            try check(try await stage.store.snapshot(of: .ada), is: nil)
        },
        gone("the other stream is as it was") { stage in
            try check(try await stage.store.notes(of: .bob), is: ["bob's"])
            try check(try await stage.store.keep(.notes("more", to: .bob, expecting: .exactly(1))).version, is: 2)
        },
        gone("deleting the stream again finds nothing") { stage in
            for mode in [DeleteMode.soft, .hard] {
                try await refuses(.streamNotFound) { try await stage.store.delete(.ada, mode: mode, expecting: .any) }
            }
        },
        Case(
            "deleting for good",
            "the stream's commands are forgotten and can be carried out again",
            needs: [.hardDelete]
        ) {
            stage in
            let events = StreamAppend.notes("a", "b", fingerprint: 1)
            let nothing = StreamAppend.answer(.nothing)
            let chosen = StreamAppend.events([.note("c")], fingerprint: 2)
            for append in [events, nothing, chosen] { try await stage.store.keep(append) }
            try await stage.store.delete(.ada, mode: .hard, expecting: .any)
            for append in [events, nothing, chosen] {
                try check(try await stage.store.outcome(of: append.command), is: nil)
                try await stage.store.keep(append)
            }
            try check(try await stage.store.notes(), is: ["a", "b", "c"])
        },
        Case("deleting for good", "the commands of other streams stay known", needs: [.hardDelete]) { stage in
            let events = StreamAppend.notes("a", to: .bob, fingerprint: 1)
            let answer = StreamAppend.answer(.rejection([1]), to: StreamID(aggregate: "Other", id: "ada"))
            try await stage.store.keep(events)
            try await stage.store.keep(answer)
            try await stage.store.keep(.notes("gone"))
            try await stage.store.delete(.ada, mode: .hard, expecting: .any)
            try check(try await stage.store.recall(events).map(\.stream), is: [.bob])
            try check(try await stage.store.recall(answer).map(\.outcome), is: [.rejection([1])])
        },
        Case("deleting for good", "the ids of the events are free again", needs: [.hardDelete]) { stage in
            let event = NewEvent.note("a")
            try await stage.store.keep(.events([event]))
            try await stage.store.delete(.ada, mode: .hard, expecting: .any)
            try check(try await stage.store.keep(.events([event], to: .bob)).version, is: 1)
        },
        Case(
            "deleting for good",
            "a softly deleted stream can be deleted for good and begin anew",
            needs: [.hardDelete]
        ) {
            stage in
            try await stage.store.keep(.notes("a"))
            try await stage.store.delete(.ada, mode: .soft, expecting: .any)
            try await stage.store.delete(.ada, mode: .hard, expecting: .any)
            try check(try await stage.store.log(), is: [])
            try check(try await stage.store.keep(.notes("b", expecting: .noStream)).version, is: 1)
        },
        Case("deleting for good", "the stream has to be at the expected version", needs: [.hardDelete]) { stage in
            try await stage.store.keep(.notes("a", "b"))
            for expected in [ExpectedVersion.noStream, .exactly(1), .exactly(3)] {
                try await refuses(.conflict(expected: expected, actual: 2)) {
                    try await stage.store.delete(.ada, mode: .hard, expecting: expected)
                }
            }
            try check(try await stage.store.notes(), is: ["a", "b"])
        },
        // case 21
        Case("deleting for good", "an unknown stream is not found", needs: [.hardDelete]) { stage in
            try await refuses(.streamNotFound) { try await stage.store.delete(.ada, mode: .hard, expecting: .any) }
        },
        // case 25
        Case(
            "deleting for good",
            "the log is read over holes in both directions, with every page size",
            needs: [.hardDelete]
        ) {
            stage in
            for round in 0..<15 as Range<Int64> {
                try await stage.store.keep(.notes("hole", to: .bob, expecting: .exactly(round)))
            }
            try await stage.store.keep(.notes("a"))
            for round in 15..<30 as Range<Int64> {
                try await stage.store.keep(.notes("hole", to: .bob, expecting: .exactly(round)))
            }
            try await stage.store.keep(.notes("b"))
            try await stage.store.delete(.bob, mode: .hard, expecting: .any)
            for size in [1, 2, 3, 100] {
                for filter in [EventFilter.all, EventFilter(aggregates: ["Note"])] {
                    try check(try await stage.store.log(filter, page: size).map(\.note), is: ["a", "b"])
                    try check(try await stage.store.logBackward(filter, page: size).map(\.note), is: ["b", "a"])
                }
            }
        },
        Case("deleting for good", "an emptied log is read to its end and goes on behind it", needs: [.hardDelete]) {
            stage in
            try await stage.store.keep(.notes("a", "b", "c"))
            try await stage.store.delete(.ada, mode: .hard, expecting: .any)
            try check(try await stage.store.log(page: 1), is: [])
            try check(try await stage.store.logBackward(page: 1), is: [])
            try check(try await stage.store.keep(.notes("d", to: .bob)).position, is: 4)
        },
    ]

    /// A case on a store that had two streams, of which one was deleted for good.
    private static func gone(_ name: String, _ body: @escaping Case.Body) -> Case {
        Case("deleting for good", name, needs: [.hardDelete]) { stage in
            try await stage.store.keep(.notes("a"))
            try await stage.store.keep(.notes("bob's", to: .bob))
            try await stage.store.keep(.notes("b", "c"))
            try await stage.store.save(Snapshot(stream: .ada, version: 3, shapeVersion: 1, payload: [1]))
            try await stage.store.delete(.ada, mode: .hard, expecting: .exactly(3))
            try await body(stage)
        }
    }
}
