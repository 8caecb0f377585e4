import Skein
import Testing

extension EventStoreConformance {
    static let racing: [Case] = [
        // case 5
        Case("racing writers", "of appends with the same expected version exactly one goes through") { stage in
            try await stage.store.keep(.notes("before"))
            let results = try await atOnce(16) { number in
                try await failure { try await stage.store.keep(.notes("\(number)", expecting: .exactly(1))) }
            }
            try check(results.count { $0 == nil }, is: 1, "appends that went through")
            try check(
                results.compactMap(\.self),
                is: Array(repeating: .conflict(expected: .exactly(1), actual: 2), count: 15)
            )
            try check(try await stage.store.head(), is: 2)
        },
        // case 5
        Case("racing writers", "of appends that create a stream exactly one goes through") { stage in
            let results = try await atOnce(16) { number in
                try await failure { try await stage.store.keep(.notes("\(number)", "x", expecting: .noStream)) }
            }
            try check(results.count { $0 == nil }, is: 1, "appends that went through")
            try check(try await stage.store.events().map(\.version), is: [1, 2])
        },
        // case 19
        Case("racing writers", "as many racing appends succeed as events are stored") { stage in
            let wins = try await atOnce(8) { _ in
                var wins = 0
                for round in 0..<8 as Range<Int64> {
                    let code = try await failure { try await stage.store.keep(.notes("x", expecting: .exactly(round))) }
                    switch code {
                    case nil: wins += 1
                    case .conflict: break
                    case let code?: throw ConformanceFailure("expected a conflict, found \(code)", at: #_sourceLocation)
                    }
                }
                return wins
            }.reduce(0, +)
            let events = try await stage.store.log()
            try check(events.count, is: wins)
            try check(events.map(\.version), is: (0..<wins).map { Int64($0) + 1 })
        },
        // case 33
        Case("racing writers", "writers to different streams do not conflict and leave no gap") { stage in
            try await atOnce(12) { number in
                for round in 0..<5 as Range<Int64> {
                    let append = StreamAppend.notes("a", "b", to: .note("\(number)"), expecting: .exactly(2 * round))
                    try await stage.store.keep(append)
                }
            }
            try check(try await stage.store.log().map(\.position), is: Array(1...120))
        },
        Case("racing writers", "writers to one stream without a condition are all stored, in versions without gaps") {
            stage in
            try await atOnce(16) { number in
                for round in 0..<4 { try await stage.store.keep(.notes("\(number).\(round)")) }
            }
            let events = try await stage.store.events()
            try check(events.map(\.version), is: Array(1...64))
            try check(Set(events.map(\.note)).count, is: 64)
        },
        Case("racing writers", "a command that comes many times at once is stored once, and all hear the same") {
            stage in
            let append = StreamAppend.notes("once", fingerprint: 1)
            let results = try await atOnce(24) { _ in try await stage.store.append(append) }
            let known = try await stage.store.known(append.command)
            try check(results.count { if case .stored = $0 { true } else { false } }, is: 1, "appends that were stored")
            for case .known(let answer) in results { try check(answer, is: [known]) }
            try check(try await stage.store.head(), is: 1)
        },
        Case("racing writers", "a command with two different outcomes at once keeps one of them") { stage in
            for round in 1...8 {
                let id = CommandID.unused()
                let results = try await atOnce(2) { number in
                    let events = CommandAppend.notes(["x"], id: id, fingerprint: 1)
                    let answer = CommandAppend(id: id, fingerprint: 1, outcome: .nothing)
                    return try await stage.store.append(.commands([number == 0 ? events : answer]))
                }
                try check(
                    results.count { if case .stored = $0 { true } else { false } },
                    is: 1,
                    "appends that were stored in round \(round)"
                )
            }
        },
        Case("racing writers", "of commands with the same event id one is stored") { stage in
            let event = NewEvent.note("x")
            let results = try await atOnce(12) { number in
                try await failure { try await stage.store.keep(.events([event], to: .note("\(number)"))) }
            }
            try check(results.count { $0 == nil }, is: 1, "appends that went through")
            try check(results.compactMap(\.self), is: Array(repeating: .duplicateEvent(event.id), count: 11))
            try check(try await stage.store.head(), is: 1)
        },
        Case("racing writers", "the events of an append stay neighbours while others write") { stage in
            try await atOnce(8) { number in
                for _ in 0..<5 { try await stage.store.keep(.notes("a", "b", "c", to: .note("\(number)"))) }
            }
            let events = try await stage.store.log()
            try check(events.count, is: 120)
            for start in stride(from: 0, to: events.count, by: 3) {
                let three = events[start..<min(start + 3, events.count)]
                try check(three.map(\.note), is: ["a", "b", "c"])
                try check(
                    Set(three.map(\.commandID)).count,
                    is: 1,
                    "commands at positions \(start + 1) to \(start + 3)"
                )
            }
        },
        Case("racing writers", "each receipt says where its events are") { stage in
            let some = try await atOnce(12) { number async throws -> [String: AppendReceipt] in
                var receipts: [String: AppendReceipt] = [:]
                for round in 0..<5 {
                    let text = "\(number).\(round)"
                    receipts[text] = try await stage.store.keep(.notes(text, to: .note("\(number % 4)")))
                }
                return receipts
            }
            let receipts = some.reduce([:]) { $0.merging($1) { $1 } }
            let events = try await stage.store.log()
            try check(events.count, is: 60)
            for event in events {
                let receipt = try require(receipts[event.note], "the receipt of \(event.note)")
                try check(receipt.position, is: event.position, "position of \(event.note)")
                try check(receipt.version, is: event.version, "version of \(event.note)")
            }
        },
        Case("racing writers", "conflicts, repetitions and good appends at once do not disturb each other") { stage in
            let repeated = StreamAppend.notes("repeated", to: .bob, fingerprint: 1)
            try await stage.store.keep(repeated)
            try await atOnce(24) { number in
                switch number % 3 {
                case 0: try await stage.store.keep(.notes("good", to: .note("\(number)")))
                case 1:
                    try await refuses(.conflict(expected: .exactly(5), actual: 1)) {
                        try await stage.store.append(.notes("bad", to: .bob, expecting: .exactly(5)))
                    }
                default: _ = try await stage.store.recall(repeated)
                }
            }
            try check(try await stage.store.log().map(\.note), is: ["repeated"] + Array(repeating: "good", count: 8))
        },
        Case("racing writers", "of moves of one checkpoint exactly one goes through") { stage in
            let checkpoint = try await stage.store.claimCheckpoint(of: "view")
            let results = try await atOnce(12) { number in
                try await failure { try await stage.store.move(checkpoint, to: Int64(number) + 1) }
            }
            try check(results.count { $0 == nil }, is: 1, "moves that went through")
            try check(results.compactMap(\.self), is: Array(repeating: .checkpointFenced, count: 11))
        },
        Case("racing writers", "claims at once get an epoch each, and only the last of them moves") { stage in
            let claims = try await atOnce(12) { _ in try await stage.store.claimCheckpoint(of: "view") }
                .sorted { $0.epoch < $1.epoch }
            try check(Set(claims.map(\.epoch)).count, is: 12, "different epochs")
            for claim in claims.dropLast() {
                try await refuses(.checkpointFenced) { try await stage.store.move(claim, to: 1) }
            }
            let last = try require(claims.last, "the last claim")
            try check(try await stage.store.move(last, to: 1).position, is: 1)
        },
        Case("racing writers", "appends that race with a soft delete are stored or told of it, and none comes later") {
            stage in
            try await stage.store.keep(.notes("first"))
            let results = try await atOnce(13) { number in
                if number == 6 {
                    try await stage.store.delete(.ada, mode: .soft, expecting: .any)
                    return (stored: 0, atDelete: try await stage.store.head())
                }
                let code = try await failure { try await stage.store.keep(.notes("x")) }
                guard code == nil || code == .streamDeleted else {
                    throw ConformanceFailure(
                        "expected streamDeleted, found \(String(describing: code))",
                        at: #_sourceLocation
                    )
                }
                return (stored: code == nil ? 1 : 0, atDelete: 0)
            }
            let head = try await stage.store.head()
            try check(head, is: 1 + Int64(results.map(\.stored).reduce(0, +)))
            try check(results.map(\.atDelete).max(), is: head, "the log's end right after the deletion")
        },
    ]

    /// Does something several times at once and returns what came of it, in the order of the numbers.
    @discardableResult
    static func atOnce<Value: Sendable>(
        _ count: Int,
        _ body: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            for number in 0..<count {
                group.addTask { () async throws -> (Int, Value) in
                    await Task.yield()
                    return (number, try await body(number))
                }
            }
            var values: [(Int, Value)] = []
            for try await value in group { values.append(value) }
            return values.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
