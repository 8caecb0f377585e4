import Skein
import Testing

extension EventStoreConformance {
    static let logOrder: [Case] = [
        // case 31
        Case("order of the log", "no position appears below one that a reader has seen, while others write") { stage in
            let done = Flag()
            let seen = try await withThrowingTaskGroup(of: [StoredEvent].self) { group in
                group.addTask { try await follow(stage.store) { done.isUp || Task.isCancelled } }
                try await atOnce(4) { number in
                    for round in 0..<25 {
                        let count = round % 3 + 1
                        let command = CommandAppend.notes((0..<count).map { "\($0)" })
                        try await stage.store.keep(.commands([command], to: .note("\(number)")))
                    }
                }
                done.raise()
                return try await group.next() ?? []
            }
            try check(seen.map(\.position), is: Array(1..<Int64(seen.count) + 1))
            try check(seen, is: try await stage.store.log(), "what the reader saw against the log afterwards")
        },
        Case("order of the log", "the log up to its end is there as soon as the end is told, while others write") {
            stage in
            let done = Flag()
            try await withThrowingTaskGroup { group in
                group.addTask { () async throws -> Void in
                    while !done.isUp, !Task.isCancelled {
                        let head = try await stage.store.head()
                        let count = min(3, head)
                        if count > 0 {
                            let page = try await stage.store.readLog(
                                from: head - count,
                                direction: .forward,
                                filter: .all,
                                limit: Int(count)
                            )
                            let expected = (1...count).map { head - count + $0 }
                            try check(page.events.map(\.position), is: expected, "the last events up to \(head)")
                        }
                        await Task.yield()
                    }
                }
                try await atOnce(4) { number in
                    for _ in 0..<25 { try await stage.store.keep(.notes("a", "b", to: .note("\(number)"))) }
                }
                done.raise()
                try await group.waitForAll()
            }
        },
        Case("order of the log", "an append that begins after another one's answer gets higher positions") { stage in
            var last: Int64 = 0
            for round in 0..<30 {
                let receipt = try await stage.store.keep(.notes("a", to: .note("\(round % 7)")))
                try check(receipt.position, is: last + 1)
                last = receipt.position
            }
        },
        Case("order of the log", "appends that were refused or known use up no position") { stage in
            let taken = NewEvent.note("a")
            let first = StreamAppend.events([taken], fingerprint: 1)
            try await stage.store.keep(first)
            try await refuses(.conflict(expected: .noStream, actual: 1)) {
                try await stage.store.append(.notes("x", expecting: .noStream))
            }
            try await refuses(.duplicateEvent(taken.id)) {
                try await stage.store.append(.events([.note("x"), taken], to: .bob))
            }
            _ = try await stage.store.recall(first)
            try await stage.store.keep(.answer(.nothing))
            let receipt = try await stage.store.keep(.notes("b"))
            try check(receipt.position, is: 2)
            try check(receipt.version, is: 2)
        },
        Case("order of the log", "a stream's events stand in the log in the order of their versions") { stage in
            try await atOnce(8) { number in
                for _ in 0..<8 { try await stage.store.keep(.notes("a", "b", to: .note("\(number % 2)"))) }
            }
            let events = try await stage.store.log()
            for id in ["0", "1"] {
                let versions = events.filter { $0.stream == .note(id) }.map(\.version)
                try check(versions, is: Array(1...64), "versions of stream \(id)")
            }
        },
        Case("order of the log", "what was read once is read again unchanged, whatever is appended") { stage in
            for round in 0..<10 { try await stage.store.keep(.notes("\(round)", to: .note("\(round % 3)"))) }
            let before = try await stage.store.log()
            for round in 0..<10 { try await stage.store.keep(.notes("later", to: .note("\(round % 3)"))) }
            try check(Array(try await stage.store.log().prefix(10)), is: before)
        },
        Case(
            "order of the log",
            "while a writer is held up, the log can be read and shows nothing of what waits",
            needs: [.holdingWriters]
        ) { stage in
            try await stage.store.keep(.notes("before"))
            let release = try await stage.holdWriters()
            try await withThrowingTaskGroup(of: AppendReceipt.self) { group in
                for number in 0..<4 {
                    group.addTask { try await stage.store.keep(.notes("x", to: .note("\(number)"))) }
                }
                do {
                    for _ in 0..<20 {
                        try check(try await stage.store.log().map(\.note), is: ["before"])
                        try check(try await stage.store.head(), is: 1)
                        try check(try await stage.store.version(of: .note("0")), is: 0)
                    }
                } catch {
                    try await release()
                    throw error
                }
                try await release()
                try await group.waitForAll()
            }
            try check(try await stage.store.head(), is: 5)
        },
        // case 31
        Case(
            "order of the log",
            "writers that were held up leave no gap, and a reader that went before them misses none",
            needs: [.holdingWriters]
        ) { stage in
            try await stage.store.keep(.notes("before"))
            let release = try await stage.holdWriters()
            let done = Flag()
            let seen = try await withThrowingTaskGroup(of: [StoredEvent].self) { group in
                group.addTask { try await follow(stage.store) { done.isUp || Task.isCancelled } }
                group.addTask {
                    try await atOnce(6) { number in
                        try await stage.store.keep(.notes("a", "b", to: .note("\(number)")))
                    }
                    done.raise()
                    return []
                }
                for _ in 0..<50 { await Task.yield() }
                try await release()
                return try await group.reduce([], +)
            }
            try check(seen.map(\.position), is: Array(1...13))
        },
    ]

    /// Reads the log to its end again and again, and once more after the writers are done.
    static func follow(
        _ store: any EventStore,
        until areWritersDone: @Sendable () -> Bool
    ) async throws -> [StoredEvent] {
        var seen: [StoredEvent] = []
        while true {
            let isLast = areWritersDone()
            var pages = 0
            while true {
                let last = seen.last?.position ?? 0
                let page = try await store.readLog(from: last, direction: .forward, filter: .all, limit: 7)
                for event in page.events {
                    let last = seen.last?.position ?? 0
                    try check(event.position > last, "position \(event.position) comes after \(last)")
                    seen.append(event)
                }
                pages += 1
                if page.events.isEmpty { break }
                try check(pages < 10_000, "the log has an end")
            }
            if isLast { return seen }
            await Task.yield()
        }
    }
}
