import Skein
import Testing

extension EventStoreConformance {
    static let signals: [Case] = [
        Case("signals", "the first signal comes at once") { stage in
            var signals = stage.store.commits().makeAsyncIterator()
            try check(await signals.next() != nil, "a signal comes")
        },
        Case("signals", "a signal comes after a commit, and what was committed can be read then") { stage in
            var signals = stage.store.commits().makeAsyncIterator()
            _ = await signals.next()
            try await stage.store.keep(.notes("a"))
            try check(await signals.next() != nil, "a signal comes")
            try check(try await stage.store.log().map(\.note), is: ["a"])
        },
        Case("signals", "who reads to the end before it waits misses nothing, while others write") { stage in
            try await withThrowingTaskGroup { group in
                for _ in 0..<2 {
                    let signals = stage.store.commits()
                    group.addTask { () async throws -> Void in
                        var seen: Int64 = 0
                        for await _ in signals {
                            let page = try await stage.store.log(after: seen)
                            seen = page.last?.position ?? seen
                            if seen == 80 { return }
                        }
                        throw ConformanceFailure("the signals ended at position \(seen)", at: #_sourceLocation)
                    }
                }
                group.addTask { () async throws -> Void in
                    try await atOnce(4) { number in
                        for _ in 0..<20 { try await stage.store.keep(.notes("x", to: .note("\(number)"))) }
                    }
                }
                try await group.waitForAll()
            }
        },
        Case("signals", "every listener is told") { stage in
            let listeners = (0..<5).map { _ in stage.store.commits() }
            var iterators = listeners.map { $0.makeAsyncIterator() }
            for index in iterators.indices { _ = await iterators[index].next() }
            try await stage.store.keep(.notes("a"))
            for index in iterators.indices {
                try check(await iterators[index].next() != nil, "listener \(index) gets a signal")
            }
        },
        Case("signals", "a listener that has gone does not disturb the others") { stage in
            var stays = stage.store.commits().makeAsyncIterator()
            _ = await stays.next()
            for _ in 0..<3 {
                var goes: AsyncStream<Void>.Iterator? = stage.store.commits().makeAsyncIterator()
                _ = await goes?.next()
                goes = nil
                try await stage.store.keep(.notes("a"))
                try check(await stays.next() != nil, "a signal comes")
            }
        },
        Case("signals", "the signals end when the store is closed") { stage in
            let signals = stage.store.commits()
            try await stage.store.keep(.notes("a"))
            await stage.store.close()
            for await _ in signals {}
        },
        Case("signals", "who listens only after closing hears the end") { stage in
            await stage.store.close()
            for await _ in stage.store.commits() {}
        },
    ]
}
