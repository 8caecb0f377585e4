import Skein
import Testing

extension EventStoreConformance {
    static let appending: [Case] = [
        // case 1
        Case("appending", "the events of an append get the versions 1, 2, 3 in their order") { stage in
            let receipt = try await stage.store.keep(.notes("a", "b", "c"))
            try check(receipt.version, is: 3)
            let events = try await stage.store.events()
            try check(events.map(\.version), is: [1, 2, 3])
            try check(events.map(\.note), is: ["a", "b", "c"])
        },
        Case("appending", "the first events of a store have the positions 1, 2, 3, and the receipt names the last") {
            stage in
            try check(try await stage.store.keep(.notes("a", "b", "c")).position, is: 3)
            try check(try await stage.store.log().map(\.position), is: [1, 2, 3])
        },
        Case("appending", "an append goes on where the one before it ended") { stage in
            try await stage.store.keep(.notes("a", "b"))
            let receipt = try await stage.store.keep(.notes("c"))
            try check(receipt.version, is: 3)
            try check(receipt.position, is: 3)
            try check(try await stage.store.notes(), is: ["a", "b", "c"])
        },
        Case("appending", "each stream counts its own versions, and all share the positions") { stage in
            try await stage.store.keep(.notes("a"))
            let bob = try await stage.store.keep(.notes("b", "c", to: .bob))
            let ada = try await stage.store.keep(.notes("d"))
            try check(bob.version, is: 2)
            try check(bob.position, is: 3)
            try check(ada.version, is: 2)
            try check(ada.position, is: 4)
            try check(try await stage.store.log().map(\.version), is: [1, 1, 2, 2])
        },
        Case("appending", "the commands of one append are stored in their order, each event with its command") {
            stage in
            let first = CommandAppend.notes(["a", "b"], fingerprint: 7)
            let second = CommandAppend.notes(["c"])
            try check(try await stage.store.keep(.commands([first, second])).version, is: 3)
            let events = try await stage.store.events()
            try check(events.map(\.note), is: ["a", "b", "c"])
            try check(events.map(\.commandID), is: [first.id, first.id, second.id])
            try check(events.map(\.commandFingerprint), is: [7, 7, 0])
        },
        Case("appending", "events and answers without events may share an append") { stage in
            let rejected = CommandAppend(id: .unused(), fingerprint: 1, outcome: .rejection([1]))
            let receipt = try await stage.store.keep(.commands([.notes(["a"]), rejected, .notes(["b"])]))
            try check(receipt.version, is: 2)
            try check(receipt.position, is: 2)
            try check(try await stage.store.notes(), is: ["a", "b"])
        },
        Case("appending", "an append without commands stores nothing and tells the version and the log's end") {
            stage in
            try await stage.store.keep(.notes("a", "b", to: .bob))
            try await stage.store.keep(.notes("c"))
            let receipt = try await stage.store.keep(.commands([]))
            try check(receipt.version, is: 1)
            try check(receipt.position, is: 3)
            try check(try await stage.store.head(), is: 3)
        },
        Case("appending", "an append without commands does not bring a stream into being") { stage in
            try check(try await stage.store.keep(.commands([])).version, is: 0)
            try await refuses(.streamNotFound) {
                try await stage.store.read(.ada, from: 1, direction: .forward, limit: 1)
            }
        },
        Case("appending", "a command with an empty list of events stores nothing and moves nothing") { stage in
            try await stage.store.keep(.notes("a"))
            let receipt = try await stage.store.keep(.events([]))
            try check(receipt.version, is: 1)
            try check(receipt.position, is: 1)
            try check(try await stage.store.head(), is: 1)
        },
        Case("appending", "what was acknowledged is visible at once to every way of reading") { stage in
            for round in 1...5 as ClosedRange<Int64> {
                let append = StreamAppend.notes("a")
                try await stage.store.keep(append)
                try check(try await stage.store.version(of: .ada), is: round, "version")
                try check(try await stage.store.head(), is: round, "head")
                try check(try await stage.store.events().count, is: Int(round), "events of the stream")
                try check(try await stage.store.log().last?.position, is: round, "log")
                try check(try await stage.store.known(append.command).position, is: round, "outcome")
            }
        },
        Case("appending", "an append that is refused does not make the next one fail") { stage in
            for _ in 0..<3 {
                try await refuses(.conflict(expected: .exactly(9), actual: 0)) {
                    try await stage.store.append(.notes("stale", expecting: .exactly(9)))
                }
                try await stage.store.keep(.notes("fine", to: .bob))
            }
            try check(try await stage.store.log().map(\.note), is: ["fine", "fine", "fine"])
        },
        Case("appending", "the time of an append is the clock's, the same for all its events and in the receipt") {
            stage in
            let hour: Int64 = 3_600_000_000
            let before = stage.time.now().microseconds
            let receipt = try await stage.store.keep(.notes("a", "b"))
            let after = stage.time.now().microseconds
            let time = receipt.recordedAt.microseconds
            // A database on another machine has a clock of its own.
            try check(
                (before - hour...after + hour).contains(time),
                "\(time) lies within an hour of \(before)…\(after)"
            )
            try check(try await stage.store.events().map(\.recordedAt), is: [receipt.recordedAt, receipt.recordedAt])
        },
        // case 11
        Case("appending", "an import sets its own time, on a new and on an existing stream") { stage in
            let times = [-1_000_001, 0, 1_234_567_890_123_456].map(Timestamp.init(microseconds:))
            for time in times {
                try check(try await stage.store.keep(.notes("x", at: time)).recordedAt, is: time, "receipt")
            }
            try check(try await stage.store.events().map(\.recordedAt), is: times)
        },
        Case("appending", "the time of an import does not change the order of the log") { stage in
            try await stage.store.keep(.notes("later", at: Timestamp(microseconds: 2_000_000)))
            try await stage.store.keep(.notes("earlier", to: .bob, at: Timestamp(microseconds: 1_000_000)))
            try check(try await stage.store.log().map(\.note), is: ["later", "earlier"])
        },
    ]
}
