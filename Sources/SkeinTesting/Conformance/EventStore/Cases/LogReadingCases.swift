import Skein
import Testing

extension EventStoreConformance {
    static let readingLog: [Case] = [
        // case 23
        Case("reading the log", "forward, 0 is the beginning") { stage in
            try await logReads([(0, .forward, 9, "abcde")], on: stage)
        },
        Case("reading the log", "forward, the position to start from is left out") { stage in
            try await logReads([(1, .forward, 9, "bcde"), (3, .forward, 9, "de"), (4, .forward, 9, "e")], on: stage)
        },
        Case("reading the log", "forward, nothing lies after the end, as far as it may be") { stage in
            try await logReads([(5, .forward, 9, ""), (6, .forward, 9, ""), (.max, .forward, 9, "")], on: stage)
        },
        // case 23
        Case("reading the log", "backward, a position beyond the end is the end") { stage in
            try await logReads([(6, .backward, 9, "edcba"), (.max, .backward, 9, "edcba")], on: stage)
        },
        Case("reading the log", "backward, the position to start from is left out") { stage in
            try await logReads([(5, .backward, 9, "dcba"), (3, .backward, 9, "ba"), (2, .backward, 9, "a")], on: stage)
        },
        Case("reading the log", "backward, nothing lies before position 1") { stage in
            try await logReads([(1, .backward, 9, ""), (0, .backward, 9, "")], on: stage)
        },
        Case("reading the log", "a limit takes the events next to where the reading starts") { stage in
            try await logReads(
                [(0, .forward, 2, "ab"), (2, .forward, 2, "cd"), (6, .backward, 2, "ed"), (4, .backward, 1, "c")],
                on: stage
            )
        },
        Case("reading the log", "the largest page is allowed") { stage in
            let largest = stage.store.limits.pageSize
            try await logReads([(0, .forward, largest, "abcde"), (6, .backward, largest, "edcba")], on: stage)
        },
        // case 27
        Case("reading the log", "pages of any size, put together, are the whole log in both directions") { stage in
            for round in 0..<11 { try await stage.store.keep(.notes("\(round)", to: .note("\(round % 3)"))) }
            let all = try await stage.store.log()
            try check(all.map(\.note), is: (0..<11).map(String.init))
            for size in 1...12 {
                try check(try await stage.store.log(page: size), is: all, "pages of \(size)")
                try check(
                    try await stage.store.logBackward(page: size),
                    is: all.reversed(),
                    "pages of \(size) backward"
                )
            }
        },
        Case("reading the log", "an empty store has an empty log that ends at 0") { stage in
            try check(try await stage.store.head(), is: 0)
            for direction in [ReadDirection.forward, .backward] {
                for position in [0, 1, .max] as [Int64] {
                    let page = try await stage.store.readLog(
                        from: position,
                        direction: direction,
                        filter: .all,
                        limit: 1
                    )
                    try check(page.events, is: [], "\(direction) from \(position)")
                    try check(page.head, is: 0, "\(direction) from \(position)")
                }
            }
        },
        Case("reading the log", "each page tells where the log ends") { stage in
            for count in 1...4 as ClosedRange<Int64> {
                try await stage.store.keep(.notes("x"))
                for direction in [ReadDirection.forward, .backward] {
                    let page = try await stage.store.readLog(from: 1, direction: direction, filter: .all, limit: 1)
                    try check(page.head, is: count, "\(direction)")
                }
            }
        },
        Case("reading the log", "a full page was scanned through its last event, the last one through the end") {
            stage in
            try await stage.store.keep(.notes("a", "b", "c"))
            let full = try await stage.store.readLog(from: 0, direction: .forward, filter: .all, limit: 2)
            try check(full.scannedThrough, is: 2)
            let last = try await stage.store.readLog(from: 2, direction: .forward, filter: .all, limit: 2)
            try check(last.scannedThrough, is: 3)
        },
        Case("reading the log", "a reader at or beyond the end stays where it is") { stage in
            try await stage.store.keep(.notes("a", "b"))
            for position in [2, 3, 1_000] as [Int64] {
                let page = try await stage.store.readLog(from: position, direction: .forward, filter: .all, limit: 5)
                try check(page.scannedThrough, is: position)
                try check(page.head, is: 2)
            }
        },
        Case("reading the log", "an event is the same whether read from its stream or from the log") { stage in
            try await stage.store.keep(.notes("a", "b", fingerprint: 3))
            try check(try await stage.store.events(), is: try await stage.store.log())
        },
    ]

    private static func logReads(
        _ reads: [(from: Int64, direction: ReadDirection, limit: Int, texts: String)],
        on stage: EventStoreStage
    ) async throws {
        try await stage.store.keep(.notes("a", "b"))
        try await stage.store.keep(.notes("c", to: .bob))
        try await stage.store.keep(.notes("d", "e"))
        for read in reads {
            let page = try await stage.store.readLog(
                from: read.from,
                direction: read.direction,
                filter: .all,
                limit: read.limit
            )
            let what = "\(read.direction) from position \(read.from), at most \(read.limit)"
            try check(page.events.map(\.note).joined(), is: read.texts, what)
        }
    }
}
