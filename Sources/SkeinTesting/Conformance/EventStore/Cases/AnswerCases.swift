import Skein
import Testing

extension EventStoreConformance {
    /// Outcomes without events.
    static let answers: [Case] = [
        Case("answers", "a rejection is kept with its bytes") { stage in
            let append = StreamAppend.answer(.rejection([0, 0xFF, 34, 39]))
            try await stage.store.keep(append)
            try check(try await stage.store.recall(append).map(\.outcome), is: [.rejection([0, 0xFF, 34, 39])])
        },
        Case("answers", "a rejection without bytes is still a rejection") { stage in
            let append = StreamAppend.answer(.rejection([]))
            try await stage.store.keep(append)
            try check(try await stage.store.known(append.command).outcome, is: .rejection([]))
        },
        Case("answers", "that nothing happened is kept") { stage in
            let append = StreamAppend.answer(.nothing)
            try await stage.store.keep(append)
            try check(try await stage.store.recall(append).map(\.outcome), is: [.nothing])
        },
        Case("answers", "a large rejection is kept whole") { stage in
            let bytes = manyBytes(100_000)
            let append = StreamAppend.answer(.rejection(bytes))
            try await stage.store.keep(append)
            try check(try await stage.store.known(append.command).outcome == .rejection(bytes), "all bytes come back")
        },
        // case 57
        Case("answers", "an answer adds no event and moves neither version nor log") { stage in
            try await stage.store.keep(.notes("a", "b"))
            for outcome in [CommandAppend.Outcome.nothing, .rejection([1])] {
                let receipt = try await stage.store.keep(.answer(outcome, expecting: .exactly(2)))
                try check(receipt.version, is: 2)
                try check(receipt.position, is: 2)
            }
            try check(try await stage.store.log().map(\.note), is: ["a", "b"])
        },
        Case("answers", "an answer keeps the version, the log's end and the time of when it was given") { stage in
            try await stage.store.keep(.notes("a", "b"))
            try await stage.store.keep(.notes("c", to: .bob))
            let append = StreamAppend.answer(.rejection([1]))
            let receipt = try await stage.store.keep(append)
            for _ in 0..<3 { try await stage.store.keep(.notes("more")) }
            let known = try await stage.store.known(append.command)
            try check(known.version, is: 2)
            try check(known.position, is: 3)
            try check(known.recordedAt, is: receipt.recordedAt)
            try check(known.stream, is: .ada)
        },
        Case("answers", "an answer behind events of the same append has the version after them") { stage in
            let before = CommandAppend(id: .unused(), fingerprint: 1, outcome: .nothing)
            let after = CommandAppend(id: .unused(), fingerprint: 1, outcome: .rejection([1]))
            try await stage.store.keep(.commands([before, .notes(["a", "b"]), after]))
            try check(try await stage.store.known(before.id).version, is: 0)
            try check(try await stage.store.known(after.id).version, is: 2)
            try check(try await stage.store.known(after.id).position, is: 2)
        },
        Case("answers", "a rejection with the fingerprint 0 is not kept") { stage in
            let append = StreamAppend.answer(.rejection([1]), fingerprint: 0)
            try await stage.store.keep(append)
            try check(try await stage.store.outcome(of: append.command), is: nil)
            try await stage.store.keep(append)
        },
        Case("answers", "that nothing happened is not kept with the fingerprint 0") { stage in
            let append = StreamAppend.answer(.nothing, fingerprint: 0)
            try await stage.store.keep(append)
            try check(try await stage.store.outcome(of: append.command), is: nil)
            try await stage.store.keep(append)
        },
        Case("answers", "a command that was answered cannot store events afterwards") { stage in
            let answer = StreamAppend.answer(.rejection([1]))
            try await stage.store.keep(answer)
            let known = try await stage.store.recall(.commands([.notes(["late"], id: answer.command, fingerprint: 1)]))
            try check(known.map(\.outcome), is: [.rejection([1])])
            try check(try await stage.store.head(), is: 0)
        },
        Case("answers", "a stream that has had answers only has version 0 and cannot be read") { stage in
            try await stage.store.keep(.answer(.rejection([1])))
            try check(try await stage.store.version(of: .ada), is: 0)
            try await refuses(.streamNotFound) {
                try await stage.store.read(.ada, from: 1, direction: .forward, limit: 1)
            }
        },
    ]

    /// The order of checks that the contract gives for `append`.
    static let checkOrder: [Case] = [
        Case("order of checks", "bad input goes before a known command") { stage in
            var append = StreamAppend.notes("a", fingerprint: 1)
            try await stage.store.keep(append)
            append.expected = .exactly(-1)
            try await refusesInput("expected version") { try await stage.store.append(append) }
        },
        Case("order of checks", "bad input goes before a deleted stream") { stage in
            try await deleted(on: stage)
            try await refusesInput("event name") {
                try await stage.store.append(.events([.note("x", name: "")]))
            }
        },
        Case("order of checks", "a known command goes before a deleted stream") { stage in
            let append = StreamAppend.notes("a", fingerprint: 1)
            try await stage.store.keep(append)
            try await stage.store.delete(.ada, mode: .soft, expecting: .any)
            try check(try await stage.store.recall(append).map(\.version), is: [1])
        },
        Case("order of checks", "a known command goes before a conflict") { stage in
            let append = StreamAppend.notes("a", expecting: .noStream, fingerprint: 1)
            try await stage.store.keep(append)
            try check(try await stage.store.recall(append).map(\.version), is: [1])
        },
        Case("order of checks", "a known command goes before an event id that is taken") { stage in
            let taken = EventID.unused()
            try await stage.store.keep(.events([.note("first", id: taken)]))
            let answer = StreamAppend.answer(.nothing)
            try await stage.store.keep(answer)
            let again = CommandAppend(id: answer.command, outcome: .events([.note("x", id: taken)]))
            try check(try await stage.store.recall(.commands([again])).map(\.outcome), is: [.nothing])
        },
        Case("order of checks", "a deleted stream goes before a conflict") { stage in
            try await deleted(on: stage)
            for expected in [ExpectedVersion.noStream, .exactly(7)] {
                try await refuses(.streamDeleted) { try await stage.store.append(.notes("x", expecting: expected)) }
            }
        },
        Case("order of checks", "a deleted stream goes before an event id that is taken") { stage in
            let taken = try await deleted(on: stage)
            try await refuses(.streamDeleted) { try await stage.store.append(.events([.note("x", id: taken)])) }
        },
        Case("order of checks", "a conflict goes before an event id that is taken or comes twice") { stage in
            let taken = NewEvent.note("a")
            try await stage.store.keep(.events([taken]))
            for events in [[taken], [NewEvent.note("x", id: taken.id), taken]] {
                try await refuses(.conflict(expected: .noStream, actual: 1)) {
                    try await stage.store.append(.events(events, expecting: .noStream))
                }
            }
        },
    ]

    /// Makes a softly deleted stream and returns the id of its event.
    @discardableResult
    private static func deleted(on stage: EventStoreStage) async throws -> EventID {
        let event = NewEvent.note("a")
        try await stage.store.keep(.events([event]))
        try await stage.store.delete(.ada, mode: .soft, expecting: .any)
        return event.id
    }
}
