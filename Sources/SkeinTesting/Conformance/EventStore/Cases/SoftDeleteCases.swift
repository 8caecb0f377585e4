import Skein
import Testing

extension EventStoreConformance {
    static let softDelete: [Case] = [
        // case 35
        Case("deleting softly", "the stream cannot be read any more, in either direction") { stage in
            try await deleteAda(on: stage)
            for direction in [ReadDirection.forward, .backward] {
                try await refuses(.streamDeleted) {
                    try await stage.store.read(.ada, from: 1, direction: direction, limit: 1)
                }
            }
        },
        // case 35
        Case("deleting softly", "the stream's version cannot be read any more") { stage in
            try await deleteAda(on: stage)
            try await refuses(.streamDeleted) { try await stage.store.version(of: .ada) }
        },
        // case 35
        Case("deleting softly", "the stream cannot be written any more, whatever is expected") { stage in
            try await deleteAda(on: stage)
            for expected in [ExpectedVersion.any, .noStream, .streamExists, .exactly(0), .exactly(2)] {
                try await refuses(.streamDeleted, "\(expected)") {
                    try await stage.store.append(.notes("x", expecting: expected))
                }
            }
            try check(try await stage.store.head(), is: 3)
        },
        Case("deleting softly", "answers and appends without commands are refused too") { stage in
            try await deleteAda(on: stage)
            let answer = StreamAppend.answer(.nothing)
            try await refuses(.streamDeleted) { try await stage.store.append(answer) }
            try await refuses(.streamDeleted) { try await stage.store.append(.commands([])) }
            try check(try await stage.store.outcome(of: answer.command), is: nil)
        },
        // case 35
        Case("deleting softly", "readers of the log still see the events, also through filters and backward") { stage in
            try await deleteAda(on: stage)
            try check(try await stage.store.log().map(\.note), is: ["a", "bob's", "b"])
            try check(
                try await stage.store.log(EventFilter(aggregates: ["Note"])).map(\.note),
                is: ["a", "bob's", "b"]
            )
            try check(try await stage.store.logBackward().map(\.note), is: ["b", "bob's", "a"])
        },
        Case("deleting softly", "the log's end stays, and the log goes on behind it") { stage in
            try await deleteAda(on: stage)
            try check(try await stage.store.head(), is: 3)
            try check(try await stage.store.keep(.notes("more", to: .bob)).position, is: 4)
        },
        Case("deleting softly", "the stream's snapshot goes, others stay") { stage in
            for stream in [StreamID.ada, .bob] {
                try await stage.store.save(Snapshot(stream: stream, version: 1, shapeVersion: 1, payload: [1]))
            }
            try await deleteAda(on: stage)
            try check(try await stage.store.snapshot(of: .ada), is: nil)
            try check(try await stage.store.snapshot(of: .bob)?.version, is: 1)
        },
        Case("deleting softly", "the stream's commands stay known, with their events") { stage in
            let events = StreamAppend.notes("a", "b", fingerprint: 1)
            try await stage.store.keep(events)
            let before = try await stage.store.known(events.command)
            try await stage.store.delete(.ada, mode: .soft, expecting: .any)
            try check(try await stage.store.outcome(of: events.command), is: before)
            try check(try await stage.store.recall(events), is: [before])
        },
        Case("deleting softly", "the stream's answers without events stay known") { stage in
            let answer = StreamAppend.answer(.rejection([7]))
            try await stage.store.keep(answer)
            try await deleteAda(on: stage)
            try check(try await stage.store.recall(answer).map(\.outcome), is: [.rejection([7])])
        },
        Case("deleting softly", "a known command is recognised in another stream after its own was deleted") { stage in
            let append = StreamAppend.notes("a", fingerprint: 1)
            try await stage.store.keep(append)
            try await stage.store.delete(.ada, mode: .soft, expecting: .any)
            let known = try await stage.store.recall(.commands(append.commands, to: .bob))
            try check(known.map(\.stream), is: [.ada])
        },
        Case("deleting softly", "the ids of the stream's events stay taken") { stage in
            let event = NewEvent.note("a")
            try await stage.store.keep(.events([event]))
            try await stage.store.delete(.ada, mode: .soft, expecting: .any)
            try await refuses(.duplicateEvent(event.id)) { try await stage.store.append(.events([event], to: .bob)) }
        },
        // case 35
        Case("deleting softly", "deleting again changes nothing") { stage in
            try await deleteAda(on: stage)
            try await stage.store.delete(.ada, mode: .soft, expecting: .any)
            try await refuses(.streamDeleted) { try await stage.store.version(of: .ada) }
            try check(try await stage.store.log().count, is: 3)
        },
        // case 21
        Case("deleting softly", "an unknown stream is not found, nor is one that has had answers only") { stage in
            try await stage.store.keep(.answer(.nothing, to: .bob))
            for stream in [StreamID.ada, .bob] {
                try await refuses(.streamNotFound) {
                    try await stage.store.delete(stream, mode: .soft, expecting: .any)
                }
            }
            try check(try await stage.store.keep(.notes("a", expecting: .noStream)).version, is: 1)
        },
        Case("deleting softly", "the stream has to be at the expected version") { stage in
            try await stage.store.keep(.notes("a", "b"))
            for expected in [ExpectedVersion.noStream, .exactly(1), .exactly(3), .exactly(.max)] {
                try await refuses(.conflict(expected: expected, actual: 2)) {
                    try await stage.store.delete(.ada, mode: .soft, expecting: expected)
                }
            }
            try check(try await stage.store.version(of: .ada), is: 2)
            try await stage.store.delete(.ada, mode: .soft, expecting: .exactly(2))
            try await refuses(.streamDeleted) { try await stage.store.version(of: .ada) }
        },
        Case("deleting softly", "a refused deletion leaves the snapshot") { stage in
            try await stage.store.keep(.notes("a"))
            try await stage.store.save(Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: [1]))
            try await refuses(.conflict(expected: .exactly(9), actual: 1)) {
                try await stage.store.delete(.ada, mode: .soft, expecting: .exactly(9))
            }
            try check(try await stage.store.snapshot(of: .ada)?.version, is: 1)
        },
        Case("deleting softly", "other streams stay, also one of the same id and of nearly the same name") { stage in
            let others = [
                StreamID.bob, StreamID(aggregate: "Other", id: "ada"), .note("ad"), .note("ada2"), .note("Ada"),
            ]
            for stream in others { try await stage.store.keep(.notes("kept", to: stream)) }
            try await stage.store.keep(.notes("gone"))
            try await stage.store.delete(.ada, mode: .soft, expecting: .any)
            for stream in others { try check(try await stage.store.notes(of: stream), is: ["kept"], "\(stream)") }
        },
    ]

    private static func deleteAda(on stage: EventStoreStage) async throws {
        try await stage.store.keep(.notes("a"))
        try await stage.store.keep(.notes("bob's", to: .bob))
        try await stage.store.keep(.notes("b"))
        try await stage.store.delete(.ada, mode: .soft, expecting: .exactly(2))
    }
}
