import Skein
import Testing

extension EventStoreConformance {
    static let cancellation: [Case] = [
        Case("cancellation", "the append of a cancelled task is stored and acknowledged all the same") { stage in
            let receipt = try await cancelled { try await stage.store.keep(.notes("a")) }
            try check(receipt.version, is: 1)
            try check(try await stage.store.notes(), is: ["a"])
        },
        Case("cancellation", "the append of a cancelled task is stored whole") { stage in
            let texts = (0..<500).map(String.init)
            let receipt = try await cancelled { try await stage.store.keep(.commands([.notes(texts)])) }
            try check(receipt.version, is: 500)
            try check(try await stage.store.notes(), is: texts)
        },
        Case("cancellation", "a cancelled task hears of conflicts and known commands as others do") { stage in
            let append = StreamAppend.notes("a", fingerprint: 1)
            try await stage.store.keep(append)
            try await cancelled {
                try check(try await stage.store.recall(append).count, is: 1)
                try await refuses(.conflict(expected: .noStream, actual: 1)) {
                    try await stage.store.append(.notes("x", expecting: .noStream))
                }
            }
        },
        Case("cancellation", "a cancelled task can read") { stage in
            let append = StreamAppend.notes("a", fingerprint: 1)
            try await stage.store.keep(append)
            try await cancelled {
                try check(try await stage.store.notes(), is: ["a"])
                try check(try await stage.store.log().map(\.note), is: ["a"])
                try check(try await stage.store.version(of: .ada), is: 1)
                try check(try await stage.store.head(), is: 1)
                try check(try await stage.store.known(append.command).version, is: 1)
            }
        },
        Case("cancellation", "a cancelled task can claim, move and delete checkpoints") { stage in
            try await cancelled {
                let claimed = try await stage.store.claimCheckpoint(of: "view")
                _ = try await stage.store.move(claimed, to: 4)
                _ = try await stage.store.claimCheckpoint(of: "gone")
                try await stage.store.deleteCheckpoint(of: "gone")
            }
            try check(try await stage.store.checkpoint(of: "view")?.position, is: 4)
            try check(try await stage.store.checkpoint(of: "gone"), is: nil)
        },
        Case("cancellation", "a cancelled task can save snapshots and delete streams") { stage in
            try await stage.store.keep(.notes("a"))
            try await cancelled {
                try await stage.store.save(Snapshot(stream: .bob, version: 1, shapeVersion: 1, payload: [1]))
                try await stage.store.delete(.ada, mode: .soft, expecting: .any)
            }
            try check(try await stage.store.snapshot(of: .bob)?.version, is: 1)
            try await refuses(.streamDeleted) { try await stage.store.version(of: .ada) }
        },
        Case("cancellation", "appends whose tasks are cancelled on the way all have a true answer") { stage in
            let outcomes = try await withThrowingTaskGroup(of: (String, Bool).self) { group in
                for number in 0..<32 {
                    group.addTask { () async throws -> (String, Bool) in
                        let text = "\(number)"
                        let append = StreamAppend.notes(text, "second half of \(text)", to: .note("\(number % 3)"))
                        return (text, try await failure { try await stage.store.keep(append) } == nil)
                    }
                }
                await Task.yield()
                group.cancelAll()
                var outcomes: [(String, Bool)] = []
                for try await outcome in group { outcomes.append(outcome) }
                return outcomes
            }
            try check(outcomes.filter { !$0.1 }.map(\.0), is: [], "appends that were not stored")
            let notes = try await stage.store.log().map(\.note)
            try check(notes.count, is: 64)
            for (text, _) in outcomes {
                let place = try require(notes.firstIndex(of: text), "the event \(text)")
                try check(notes.dropFirst(place + 1).first, is: "second half of \(text)")
            }
        },
        Case("cancellation", "a cancelled task's append does not disturb those beside it") { stage in
            try await atOnce(16) { number in
                if number % 2 == 0 {
                    try await stage.store.keep(.notes("x", to: .note("\(number)")))
                } else {
                    try await cancelled { try await stage.store.keep(.notes("x", to: .note("\(number)"))) }
                }
            }
            try check(try await stage.store.head(), is: 16)
        },
        Case("cancellation", "a cancelled task can migrate and close") { stage in
            try await stage.store.keep(.notes("a"))
            try await cancelled {
                try await stage.store.migrate()
                await stage.store.close()
            }
            try await refuses(.closed) { try await stage.store.head() }
        },
    ]

    /// Does something in a task that is cancelled before it begins.
    @discardableResult
    static func cancelled<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await Task { () async throws -> Value in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await body()
        }.value
    }
}
