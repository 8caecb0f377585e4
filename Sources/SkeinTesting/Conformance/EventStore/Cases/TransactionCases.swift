import Skein
import Testing

extension EventStoreConformance {
    /// Bodies that run in the transaction of an append.
    static let transactionalAppends: [Case] = [
        transaction("a body gets the events of the append as they are stored") { stage, store in
            try await stage.store.keep(.notes("before"))
            let append = StreamAppend.commands([.notes(["a", "b"]), .notes(["c"], fingerprint: 7)])
            let given = Box<[StoredEvent]>([])
            let receipt = try await store.keep(append) { events, _ in given.value = events }
            try check(given.value, is: Array(try await stage.store.events().dropFirst()))
            try check(given.value.map(\.position), is: [2, 3, 4])
            try check(receipt.position, is: 4)
            try check(receipt.version, is: 4)
        },
        // case 13
        transaction("what a body writes is committed with the events") { stage, store in
            try await store.keep(.notes("a")) { _, marks in try marks.add("1") }
            try check(try await store.marks(), is: ["1"])
            try check(try await stage.store.notes(), is: ["a"])
        },
        transaction("a body sees what was committed before, and what it has written itself") { stage, store in
            let seen = Box<[[String]]>([])
            for mark in ["1", "2"] {
                try await store.keep(.notes(mark)) { _, marks in
                    let before = try marks.all()
                    try marks.add(mark)
                    seen.value += [before.sorted(), try marks.all().sorted()]
                }
            }
            try check(seen.value.suffix(2), is: [["1"], ["1", "2"]])
        },
        // case 13
        transaction("what a body throws keeps the events out, and is the cause of the error") { stage, store in
            try await stage.store.keep(.notes("a"))
            let append = StreamAppend.notes("x", "y", fingerprint: 1)
            let error = try await thrown {
                try await store.append(append) { _, marks in
                    try marks.add("x")
                    throw Veto()
                }
            }
            try check(error.code, is: .handlerFailed)
            try check(error.cause is Veto, "the cause is what the body has thrown")
            try check(try await store.marks(), is: [])
            try check(try await stage.store.notes(), is: ["a"])
            try check(try await stage.store.head(), is: 1)
            try check(try await stage.store.outcome(of: append.command), is: nil)
            try check(try await stage.store.version(of: .ada), is: 1)
        },
        transaction("after a body's failure the same append can be stored, with the next places") { stage, store in
            for stream in [StreamID.ada, .bob] {
                let append = StreamAppend.notes("a", "b", to: stream, expecting: .noStream, fingerprint: 1)
                for _ in 0..<2 {
                    try await refuses(.handlerFailed) { try await store.append(append) { _, _ in throw Veto() } }
                }
                let receipt = try await store.keep(append) { _, marks in try marks.add("1") }
                try check(receipt.version, is: 2)
            }
            try check(try await stage.store.log().map(\.position), is: [1, 2, 3, 4])
            try check(try await store.marks(), is: ["1", "1"])
        },
        transaction("what the database refuses to a body fails the append, and nothing else") { stage, store in
            let append = StreamAppend.notes("x")
            let error = try await thrown {
                try await store.append(append) { _, marks in
                    try marks.add("x")
                    try marks.fail()
                }
            }
            try check(error.code, is: .handlerFailed)
            try check(error.cause != nil, "the error has the database's as its cause")
            try check(try await stage.store.head(), is: 0)
            try await store.keep(append) { _, marks in try marks.add("1") }
            try check(try await store.marks(), is: ["1"])
        },
        transaction("an error that a body has caught does not count") { stage, store in
            try await store.keep(.notes("a")) { _, marks in
                do { throw Veto() } catch is Veto { try marks.add("caught") }
            }
            try check(try await store.marks(), is: ["caught"])
            try check(try await stage.store.head(), is: 1)
        },
        transaction("no body is run for a command that is known") { stage, store in
            let append = StreamAppend.notes("a", fingerprint: 1)
            try await store.keep(append) { _, marks in try marks.add("1") }
            let known = try await stage.store.known(append.command)
            let plain = StreamAppend.answer(.rejection([1]))
            try await stage.store.keep(plain)
            let mixed = StreamAppend.commands([.notes(["new"])] + plain.commands)
            for again in [append, plain, mixed] {
                let result = try await store.append(again) { _, marks in
                    try marks.add("again")
                    throw Veto()
                }
                guard case .known = result else {
                    throw ConformanceFailure("expected a known command, found \(result)", at: #_sourceLocation)
                }
            }
            try check(try await store.append(append) { _, _ in }, is: .known([known]))
            try check(try await store.marks(), is: ["1"])
        },
        transaction("no body is run for an append that is refused") { stage, store in
            let event = NewEvent.note("a")
            try await stage.store.keep(.events([event]))
            try await stage.store.keep(.notes("b", to: .bob))
            try await stage.store.delete(.bob, mode: .soft, expecting: .any)
            let refused: [(EventStoreError.Code, StreamAppend)] = [
                (.conflict(expected: .exactly(5), actual: 1), .notes("x", expecting: .exactly(5))),
                (.conflict(expected: .noStream, actual: 1), .notes("x", expecting: .noStream)),
                (.duplicateEvent(event.id), .events([.note("x"), event], to: .note("c"))),
                (.streamDeleted, .notes("x", to: .bob)),
            ]
            for (code, append) in refused {
                let wasRun = Flag()
                try await refuses(code) { try await store.append(append) { _, _ in wasRun.raise() } }
                try check(wasRun.isUp, is: false, "whether the body was run for \(code)")
            }
            let wasRun = Flag()
            try await refusesInput("aggregate id") {
                try await store.append(.notes("x", to: .note(""))) { _, _ in wasRun.raise() }
            }
            try check(wasRun.isUp, is: false, "whether the body was run for bad input")
            try check(try await stage.store.head(), is: 2)
        },
        transaction("no body is run for an append without events, which is stored all the same") { stage, store in
            let appends: [StreamAppend] = [
                .answer(.rejection([1])), .answer(.nothing), .answer(.nothing, fingerprint: 0), .commands([]),
            ]
            for append in appends {
                try await store.keep(append) { _, _ in throw Veto() }
                guard let command = append.commands.first, command.fingerprint != 0 else { continue }
                _ = try await stage.store.known(command.id)
            }
            try check(try await store.marks(), is: [])
        },
        transaction("the body of a command that comes many times at once writes once") { stage, store in
            let append = StreamAppend.notes("once", fingerprint: 1)
            let results = try await atOnce(16) { _ in
                try await store.append(append) { _, marks in try marks.add("once") }
            }
            try check(results.count { if case .stored = $0 { true } else { false } }, is: 1, "appends that were stored")
            try check(try await store.marks(), is: ["once"])
        },
        transaction("of appends with the same expected version one is stored, and its body's mark") { stage, store in
            try await stage.store.keep(.notes("before"))
            let results = try await atOnce(12) { number in
                try await failure {
                    try await store.append(.notes("\(number)", expecting: .exactly(1))) { _, marks in
                        try marks.add("\(number)")
                    }
                }
            }
            let winners = results.indices.filter { results[$0] == nil }
            try check(winners.count, is: 1, "appends that went through")
            try check(try await store.marks(), is: winners.map(String.init))
        },
        transaction("after a commit with a body a signal comes") { stage, store in
            var signals = stage.store.commits().makeAsyncIterator()
            _ = await signals.next()
            try await store.keep(.notes("a")) { _, _ in }
            try check(await signals.next() != nil, "a signal comes")
        },
    ]

    /// A case about a store with transactions, which has nothing in it.
    static func transaction(
        _ name: String,
        under topic: String = "transactions",
        needs: Set<EventStoreCapability> = [],
        _ body: @escaping @Sendable (EventStoreStage, any MarkedStore) async throws -> Void
    ) -> Case {
        Case(topic, name, needs: needs.union([.transactions])) { stage in
            try await body(stage, try await stage.marked(stage.store))
        }
    }

    /// The error that a call must end with.
    static func thrown<Value>(
        at location: SourceLocation = #_sourceLocation,
        by call: () async throws -> Value
    ) async throws -> EventStoreError {
        do {
            _ = try await call()
        } catch let error as EventStoreError {
            return error
        }
        throw ConformanceFailure("expected an EventStoreError, found success", at: location)
    }
}
