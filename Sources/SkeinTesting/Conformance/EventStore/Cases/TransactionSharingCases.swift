import Skein
import Testing

extension EventStoreConformance {
    /// Bodies that run with a move or alone, and bodies that run beside others.
    static let transactions: [Case] = [
        transaction("what a body writes is committed with the move, and with its notes") { stage, store in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let moved = try await store.move(claimed, to: 3, changing: [.keep("parked", 1)]) { try $0.add("1") }
            try check(moved, is: Checkpoint(subscription: "view", position: 3, epoch: claimed.epoch))
            try check(try await stage.store.checkpoint(of: "view"), is: moved)
            try check(try await stage.store.kept("parked"), is: [1: []])
            try check(try await store.marks(), is: ["1"])
        },
        transaction("what a body throws keeps the move and its notes out") { stage, store in
            try await stage.store.change([.keep("parked", 1, [1])], of: "view")
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let error = try await thrown {
                let changes: [NoteChange] = [.drop(topic: "parked", key: 1), .keep("parked", 2)]
                return try await store.move(claimed, to: 3, changing: changes) { marks in
                    try marks.add("x")
                    throw Veto()
                }
            }
            try check(error.code, is: .handlerFailed)
            try check(error.cause is Veto, "the cause is what the body has thrown")
            try check(try await stage.store.checkpoint(of: "view"), is: claimed)
            try check(try await stage.store.kept("parked"), is: [1: [1]])
            try check(try await store.marks(), is: [])
            try check(try await store.move(claimed, to: 3) { try $0.add("1") }.position, is: 3)
            try check(try await store.marks(), is: ["1"])
        },
        // case 143
        transaction("no body is run for a move that is fenced off, and no note is changed") { stage, store in
            let old = try await stage.store.claimCheckpoint(of: "view")
            let moved = try await stage.store.move(try await stage.store.claimCheckpoint(of: "view"), to: 5)
            let made = Checkpoint(subscription: "other", position: 0, epoch: 1)
            let left = Checkpoint(subscription: "view", position: 4, epoch: moved.epoch)
            for fenced in [old, made, left] {
                let wasRun = Flag()
                try await refuses(.checkpointFenced) {
                    try await store.move(fenced, to: 6, changing: [.keep("parked", 1)]) { _ in wasRun.raise() }
                }
                try check(wasRun.isUp, is: false, "whether the body was run")
            }
            try check(try await stage.store.kept("parked"), is: [:])
            try check(try await stage.store.checkpoint(of: "view"), is: moved)
        },
        // case 143
        transaction("of moves that race one body's mark is committed") { stage, store in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let results = try await atOnce(8) { number in
                try await failure {
                    try await store.move(claimed, to: Int64(number) + 1) { try $0.add("\(number)") }
                }
            }
            let winners = results.indices.filter { results[$0] == nil }
            try check(winners.count, is: 1, "moves that went through")
            try check(try await store.marks(), is: winners.map(String.init))
        },
        transaction("another checkpoint may end with a move, as if it were deleted") { stage, store in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let other = try await stage.store.move(try await stage.store.claimCheckpoint(of: "new"), to: 4)
            try await stage.store.change([.keep("parked", 1)], of: "new")
            let moved = try await store.move(claimed, to: 4, changing: [], ending: other) { try $0.add("1") }
            try check(moved.position, is: 4)
            try check(try await stage.store.checkpoint(of: "new"), is: nil)
            try check(try await stage.store.notes(of: "new", topic: "parked", from: 0, limit: 10), is: [])
            try check(try await stage.store.claimCheckpoint(of: "new").epoch, is: other.epoch + 1)
            try check(try await store.marks(), is: ["1"])
        },
        transaction("a move is fenced off, too, if the checkpoint that is to end with it is not as given") {
            stage,
            store in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let before = try await stage.store.claimCheckpoint(of: "new")
            let other = try await stage.store.move(try await stage.store.claimCheckpoint(of: "new"), to: 4)
            let left = Checkpoint(subscription: "new", position: 3, epoch: other.epoch)
            let made = Checkpoint(subscription: "none", position: 0, epoch: 1)
            for wrong in [before, left, made] {
                let wasRun = Flag()
                try await refuses(.checkpointFenced) {
                    try await store.move(claimed, to: 4, changing: [.keep("parked", 1)], ending: wrong) { _ in
                        wasRun.raise()
                    }
                }
                try check(wasRun.isUp, is: false, "whether the body was run")
            }
            try check(try await stage.store.checkpoint(of: "view"), is: claimed)
            try check(try await stage.store.checkpoint(of: "new"), is: other)
            try check(try await stage.store.kept("parked"), is: [:])
        },
        transaction("a checkpoint that is to end with a move stays if the body throws") { stage, store in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let other = try await stage.store.claimCheckpoint(of: "new")
            try await refuses(.handlerFailed) {
                try await store.move(claimed, to: 4, changing: [], ending: other) { _ in throw Veto() }
            }
            try check(try await stage.store.checkpoint(of: "new"), is: other)
            try check(try await stage.store.checkpoint(of: "view"), is: claimed)
        },
        transaction("a body may run in a transaction of its own") { stage, store in
            try await store.transact { try $0.add("1") }
            let error = try await thrown {
                try await store.transact { marks in
                    try marks.add("x")
                    throw Veto()
                }
            }
            try check(error.code, is: .handlerFailed)
            try check(error.cause is Veto, "the cause is what the body has thrown")
            try check(try await store.marks(), is: ["1"])
            try check(try await stage.store.head(), is: 0)
        },
        transaction("a transaction refuses to be used after its call, whatever the call came to") { stage, store in
            let escapes = [Escape(), Escape(), Escape()]
            try await store.keep(.notes("a")) { _, marks in escapes[0].marks = marks }
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            _ = try await store.move(claimed, to: 1) { escapes[1].marks = $0 }
            try await refuses(.handlerFailed) {
                try await store.transact { marks in
                    escapes[2].marks = marks
                    throw Veto()
                }
            }
            for escape in escapes {
                let marks = try require(escape.marks, "the transaction")
                try await refuses(.transactionOver) { try marks.add("late") }
                try await refuses(.transactionOver) { try marks.all() }
                escape.marks = nil
            }
            try check(try await store.marks(), is: [])
        },
        transaction("one body's failure leaves those beside it alone") { stage, store in
            let results = try await atOnce(30) { number in
                try await failure {
                    try await store.append(.notes("\(number)", to: .note("\(number % 4)"))) { _, marks in
                        try marks.add("\(number)")
                        if number % 3 == 0 { throw Veto() }
                        if number % 3 == 1, number % 2 == 0 { try marks.fail() }
                    }
                }
            }
            let fails = (0..<30).map { $0 % 3 == 0 || $0 % 6 == 4 }
            try check(results, is: fails.map { $0 ? .handlerFailed : nil })
            let stored = (0..<30).filter { !fails[$0] }.map(String.init).sorted()
            try check(try await store.marks(), is: stored)
            let events = try await stage.store.log()
            try check(events.map(\.note).sorted(), is: stored)
            try check(events.map(\.position), is: Array(1...Int64(stored.count)))
        },
        // case 31
        transaction("appends with and without bodies share the log without gaps") { stage, store in
            try await atOnce(10) { number in
                for round in 0..<4 {
                    let append = StreamAppend.notes("a", "b", to: .note("\(number % 3)"))
                    switch (number + round) % 3 {
                    case 0: try await stage.store.keep(append)
                    case 1: try await store.keep(append) { try $1.add("\($0[0].position)") }
                    default:
                        try await refuses(.handlerFailed) { try await store.append(append) { _, _ in throw Veto() } }
                        try await store.keep(append) { try $1.add("\($0[0].position)") }
                    }
                }
            }
            let events = try await stage.store.log()
            try check(events.map(\.position), is: Array(1...80))
            let firsts = Set(stride(from: 1, to: 80, by: 2).map { "\($0)" })
            let marks = try await store.marks()
            try check(Set(marks).isSubset(of: firsts), "each body saw the place of its append")
            try check(Set(marks).count, is: marks.count, "different places")
            for stream in 0..<3 {
                let versions = try await stage.store.events(of: .note("\(stream)")).map(\.version)
                try check(versions, is: Array(1...Int64(versions.count)))
            }
        },
        // case 31
        transaction("bodies see each other's marks in the order of their events") { stage, store in
            try await atOnce(20) { number in
                try await store.keep(.notes("\(number)", to: .note("\(number % 5)"))) { events, marks in
                    let before = try marks.all().count
                    try marks.add("\(events[0].position) after \(before)")
                }
            }
            try check(try await store.marks(), is: (1...20).map { "\($0) after \($0 - 1)" }.sorted())
        },
        transaction("the body of a cancelled task is run and committed all the same") { stage, store in
            try await cancelled {
                try await store.keep(.notes("a")) { _, marks in try marks.add("1") }
                try await store.transact { try $0.add("2") }
                _ = try await store.move(try await stage.store.claimCheckpoint(of: "view"), to: 1) { try $0.add("3") }
            }
            try check(try await store.marks(), is: ["1", "2", "3"])
            try check(try await stage.store.head(), is: 1)
        },
        transaction("no body is run after closing") { stage, store in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            await stage.store.close()
            let wasRun = Flag()
            try await refuses(.closed) { try await store.append(.notes("a")) { _, _ in wasRun.raise() } }
            try await refuses(.closed) { try await store.move(claimed, to: 1) { _ in wasRun.raise() } }
            try await refuses(.closed) { try await store.transact { _ in wasRun.raise() } }
            try check(wasRun.isUp, is: false, "whether a body was run")
        },
        transaction("marks are there just as their events are", under: "opening again", needs: [.reopening]) {
            stage,
            store in
            try await store.keep(.notes("a")) { _, marks in try marks.add("1") }
            try await refuses(.handlerFailed) {
                try await store.append(.notes("x")) { _, marks in
                    try marks.add("x")
                    throw Veto()
                }
            }
            let opened = try await stage.reopen()
            try check(try await stage.marked(opened).marks(), is: ["1"])
            try check(try await opened.notes(), is: ["a"])
        },
        transaction("marks of one are there for the other", under: "several handles", needs: [.severalHandles]) {
            stage,
            store in
            let other = try await stage.marked(try await stage.open())
            try await atOnce(12) { number in
                try await (number % 2 == 0 ? store : other).keep(.notes("\(number)")) { events, marks in
                    let before = try marks.all().count
                    try marks.add("\(events[0].position) after \(before)")
                }
            }
            try check(try await other.marks(), is: (1...12).map { "\($0) after \($0 - 1)" }.sorted())
        },
    ]
}
