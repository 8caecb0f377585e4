import Skein
import Testing

extension EventStoreConformance {
    static let readingStreams: [Case] = [
        // case 23
        Case("reading streams", "forward, versions 0 and 1 are both the beginning") { stage in
            try await reads([(0, .forward, 9, "abcde"), (1, .forward, 9, "abcde")], on: stage)
        },
        // case 23
        Case("reading streams", "forward, the version to start from is included") { stage in
            try await reads([(2, .forward, 9, "bcde"), (4, .forward, 9, "de"), (5, .forward, 9, "e")], on: stage)
        },
        Case("reading streams", "forward, nothing lies beyond the end, as far as it may be") { stage in
            try await reads([(6, .forward, 9, ""), (1_000, .forward, 9, ""), (.max, .forward, 9, "")], on: stage)
        },
        // case 23
        Case("reading streams", "backward, a version beyond the end is the end") { stage in
            try await reads([(6, .backward, 9, "edcba"), (.max, .backward, 9, "edcba")], on: stage)
        },
        // case 23
        Case("reading streams", "backward, the version to start from is included") { stage in
            try await reads([(5, .backward, 9, "edcba"), (3, .backward, 9, "cba"), (1, .backward, 9, "a")], on: stage)
        },
        Case("reading streams", "backward, nothing lies before version 1") { stage in
            try await reads([(0, .backward, 9, "")], on: stage)
        },
        Case("reading streams", "forward, a limit takes the first of what is wanted") { stage in
            try await reads([(1, .forward, 1, "a"), (2, .forward, 3, "bcd"), (4, .forward, 2, "de")], on: stage)
        },
        Case("reading streams", "backward, a limit takes the last of what is wanted") { stage in
            try await reads([(5, .backward, 1, "e"), (4, .backward, 3, "dcb"), (2, .backward, 2, "ba")], on: stage)
        },
        Case("reading streams", "the largest page is allowed") { stage in
            let largest = stage.store.limits.pageSize
            try await reads([(1, .forward, largest, "abcde"), (.max, .backward, largest, "edcba")], on: stage)
        },
        Case("reading streams", "pages of any size, put together, are the whole stream in both directions") { stage in
            for round in 0..<11 { try await stage.store.keep(.notes("\(round)", expecting: .exactly(Int64(round)))) }
            let all = try await stage.store.events()
            try check(all.count, is: 11)
            for size in 1...12 {
                try check(try await stage.store.events(page: size), is: all, "pages of \(size)")
                var backward: [StoredEvent] = []
                var next: Int64 = 11
                while next > 0 {
                    let page = try await stage.store.read(.ada, from: next, direction: .backward, limit: size)
                    try check(!page.isEmpty, "a page from version \(next) backward has events")
                    backward += page
                    next = (page.last?.version ?? 1) - 1
                }
                try check(backward, is: all.reversed(), "pages of \(size) backward")
            }
        },
        // case 21
        Case("reading streams", "an unknown stream is not found, in both directions") { stage in
            try await stage.store.keep(.notes("a", to: .bob))
            for direction in [ReadDirection.forward, .backward] {
                try await refuses(.streamNotFound) {
                    try await stage.store.read(.ada, from: 1, direction: direction, limit: 1)
                }
            }
        },
        // case 21
        Case("reading streams", "an unknown stream has version 0") { stage in
            try await stage.store.keep(.notes("a", to: .bob))
            try check(try await stage.store.version(of: .ada), is: 0)
        },
        Case("reading streams", "a stream that only a refused append named is unknown") { stage in
            _ = try await failure { try await stage.store.append(.notes("x", expecting: .exactly(1))) }
            try await refuses(.streamNotFound) {
                try await stage.store.read(.ada, from: 1, direction: .forward, limit: 1)
            }
        },
        Case("reading streams", "the version of a stream is that of its last event") { stage in
            try await five(on: stage)
            try check(try await stage.store.version(of: .ada), is: 5)
            try check(try await stage.store.version(of: .bob), is: 1)
        },
    ]

    private static func five(on stage: EventStoreStage) async throws {
        try await stage.store.keep(.notes("a", "b"))
        try await stage.store.keep(.notes("foreign", to: .bob))
        try await stage.store.keep(.notes("c", "d", "e"))
    }

    private static func reads(
        _ reads: [(from: Int64, direction: ReadDirection, limit: Int, texts: String)],
        on stage: EventStoreStage
    ) async throws {
        try await five(on: stage)
        for read in reads {
            let events = try await stage.store.read(
                .ada,
                from: read.from,
                direction: read.direction,
                limit: read.limit
            )
            let what = "\(read.direction) from version \(read.from), at most \(read.limit)"
            try check(events.map(\.note).joined(), is: read.texts, what)
        }
    }
}
