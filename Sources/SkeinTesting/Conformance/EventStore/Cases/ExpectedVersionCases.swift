import Skein
import Testing

extension EventStoreConformance {
    static let expectedVersions: [Case] = [
        // case 3
        Case("expected versions", "any version is met by a stream that is not there yet") { stage in
            try check(try await stage.store.keep(.notes("a", expecting: .any)).version, is: 1)
        },
        // case 3
        Case("expected versions", "any version is met by a stream with events") { stage in
            try await stage.store.keep(.notes("a", "b"))
            try check(try await stage.store.keep(.notes("c", expecting: .any)).version, is: 3)
        },
        Case("expected versions", "no stream is met by a new stream") { stage in
            try await stage.store.keep(.notes("other", to: .bob))
            try check(try await stage.store.keep(.notes("a", expecting: .noStream)).version, is: 1)
        },
        Case("expected versions", "no stream is not met by a stream with events") { stage in
            try await conflict(.noStream, atVersion: 2, on: stage)
        },
        Case("expected versions", "an existing stream is met by a stream with events") { stage in
            try await stage.store.keep(.notes("a"))
            try check(try await stage.store.keep(.notes("b", expecting: .streamExists)).version, is: 2)
        },
        Case("expected versions", "an existing stream is not met by a new stream") { stage in
            try await conflict(.streamExists, atVersion: 0, on: stage)
        },
        // case 1
        Case("expected versions", "exactly 0 is met by a new stream") { stage in
            try check(try await stage.store.keep(.notes("a", expecting: .exactly(0))).version, is: 1)
        },
        Case("expected versions", "exactly 0 is not met by a stream with events") { stage in
            try await conflict(.exactly(0), atVersion: 2, on: stage)
        },
        Case("expected versions", "an exact version is met by just that version") { stage in
            for version in 0..<4 as Range<Int64> {
                let receipt = try await stage.store.keep(.notes("x", expecting: .exactly(version)))
                try check(receipt.version, is: version + 1)
            }
        },
        Case("expected versions", "a version that the stream has left behind is a conflict") { stage in
            try await conflict(.exactly(1), atVersion: 2, on: stage)
        },
        Case("expected versions", "a version that the stream has not reached yet is a conflict") { stage in
            try await conflict(.exactly(3), atVersion: 2, on: stage)
        },
        Case("expected versions", "the greatest version is a conflict, on a new and on an existing stream") { stage in
            try await conflict(.exactly(.max), atVersion: 0, on: stage)
            try await conflict(.exactly(.max), atVersion: 2, on: stage)
        },
        Case("expected versions", "a version below 0 is refused as input") { stage in
            for version in [-1, -5, .min] as [Int64] {
                try await refusesInput("expected version", "\(version)") {
                    try await stage.store.append(.notes("x", expecting: .exactly(version)))
                }
            }
            try check(try await stage.store.head(), is: 0)
        },
        Case("expected versions", "only the stream's own events count") { stage in
            try await stage.store.keep(.notes("a", "b", "c", to: .bob))
            try await stage.store.keep(.notes("x", to: StreamID(aggregate: "Other", id: "ada")))
            try check(try await stage.store.keep(.notes("d", expecting: .exactly(0))).version, is: 1)
        },
        // case 17
        Case("expected versions", "after a conflict the stream can be read and written as before") { stage in
            try await conflict(.exactly(0), atVersion: 1, on: stage)
            try check(try await stage.store.notes(), is: ["before 1"])
            let receipt = try await stage.store.keep(.notes("b", expecting: .exactly(1)))
            try check(receipt.version, is: 2)
            try check(receipt.position, is: 2)
        },
        // case 15
        Case("expected versions", "a conflict stores nothing of a large append, and its commands stay unknown") {
            stage in
            try await stage.store.keep(.notes("a"))
            let commands = (0..<20).map { CommandAppend.notes(["\($0)", "x"], fingerprint: UInt64($0)) }
            try await refuses(.conflict(expected: .noStream, actual: 1)) {
                try await stage.store.append(.commands(commands, expecting: .noStream))
            }
            for command in commands { try check(try await stage.store.outcome(of: command.id), is: nil) }
            try check(try await stage.store.log().map(\.note), is: ["a"])
        },
        Case("expected versions", "an answer without events has to meet the expected version too") { stage in
            let answer = StreamAppend.answer(.rejection([1]), expecting: .exactly(4))
            try await refuses(.conflict(expected: .exactly(4), actual: 0)) { try await stage.store.append(answer) }
            try check(try await stage.store.outcome(of: answer.command), is: nil)
        },
        Case("expected versions", "an append without commands has to meet the expected version too") { stage in
            try await refuses(.conflict(expected: .streamExists, actual: 0)) {
                try await stage.store.append(.commands([], expecting: .streamExists))
            }
        },
        Case("expected versions", "a stream that has had answers only is still no stream") { stage in
            try await stage.store.keep(.answer(.nothing))
            try await stage.store.keep(.answer(.rejection([1])))
            try check(try await stage.store.keep(.notes("a", expecting: .noStream)).version, is: 1)
        },
    ]

    /// Brings a stream to a version and appends what must not go through.
    private static func conflict(
        _ expected: ExpectedVersion,
        atVersion version: Int64,
        on stage: EventStoreStage
    ) async throws {
        for number in 0..<version { try await stage.store.keep(.notes("before \(number + 1)")) }
        let append = StreamAppend.notes("x", expecting: expected)
        try await refuses(.conflict(expected: expected, actual: version)) { try await stage.store.append(append) }
        try check(try await stage.store.version(of: .ada), is: version)
        try check(try await stage.store.head(), is: version)
        try check(try await stage.store.outcome(of: append.command), is: nil)
    }
}
