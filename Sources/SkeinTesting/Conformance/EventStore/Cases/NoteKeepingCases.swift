import Skein
import Testing

extension EventStoreConformance {
    /// Notes and moves of their checkpoint, bad input, and what lasts.
    static let noteKeeping: [Case] = [
        Case("notes", "a move changes notes together with the position") { stage in
            try await stage.store.change([.keep("parked", 1, [1]), .keep("parked", 2, [2])], of: "view")
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let changes: [NoteChange] = [
                .drop(topic: "parked", key: 1), .keep("parked", 2, [9]), .keep("parked", 3, [3]), .keep("attempt", 7),
            ]
            let moved = try await stage.store.move(claimed, to: 4, changing: changes)
            try check(moved, is: Checkpoint(subscription: "view", position: 4, epoch: claimed.epoch))
            try check(try await stage.store.checkpoint(of: "view"), is: moved)
            try check(try await stage.store.kept("parked"), is: [2: [9], 3: [3]])
            try check(try await stage.store.kept("attempt"), is: [7: []])
        },
        Case("notes", "a move without changes leaves all notes") { stage in
            try await stage.store.change([.keep("parked", 1, [1])], of: "view")
            _ = try await stage.store.move(try await stage.store.claimCheckpoint(of: "view"), to: 4)
            try check(try await stage.store.kept("parked"), is: [1: [1]])
        },
        Case("notes", "a move that is fenced off changes none") { stage in
            try await stage.store.change([.keep("parked", 1, [1])], of: "view")
            let old = try await stage.store.claimCheckpoint(of: "view")
            let new = try await stage.store.move(try await stage.store.claimCheckpoint(of: "view"), to: 5)
            let guesses = [old, Checkpoint(subscription: "view", position: 4, epoch: new.epoch)]
            for fenced in guesses {
                try await refuses(.checkpointFenced) {
                    try await stage.store.move(
                        fenced,
                        to: 9,
                        changing: [.drop(topic: "parked", key: 1), .keep("parked", 2, [2])]
                    )
                }
            }
            try check(try await stage.store.kept("parked"), is: [1: [1]])
            try check(try await stage.store.checkpoint(of: "view"), is: new)
        },
        Case("notes", "a move of a checkpoint that nobody claimed keeps none") { stage in
            let made = Checkpoint(subscription: "view", position: 0, epoch: 1)
            try await refuses(.checkpointFenced) {
                try await stage.store.move(made, to: 1, changing: [.keep("parked", 1)])
            }
            try check(try await stage.store.kept("parked"), is: [:])
        },
        // case 103
        Case("notes", "deleting a checkpoint drops the notes under all topics") { stage in
            _ = try await stage.store.claimCheckpoint(of: "view")
            try await stage.store.change([.keep("parked", 1), .keep("parked", 2), .keep("attempt", 1)], of: "view")
            try await stage.store.change([.keep("parked", 1)], of: "other")
            try await stage.store.change([.keep("parked", 1)], of: "unclaimed")
            try await stage.store.deleteCheckpoint(of: "view")
            try await stage.store.deleteCheckpoint(of: "unclaimed")
            for topic in ["parked", "attempt"] { try check(try await stage.store.kept(topic), is: [:]) }
            try check(try await stage.store.kept("parked", of: "unclaimed"), is: [:])
            try check(try await stage.store.kept("parked", of: "other"), is: [1: []])
            _ = try await stage.store.claimCheckpoint(of: "view")
            try check(try await stage.store.kept("parked"), is: [:])
        },
        Case("notes", "one bad change among good ones keeps all of them out") { stage in
            let tooLong = [UInt8](repeating: 0, count: stage.store.limits.payloadBytes + 1)
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let bad: [(field: String, change: NoteChange)] = [
                ("note", .keep("parked", 2, tooLong)), ("note topic", .keep("", 2)), ("note topic", .keep("a\0", 2)),
                ("note topic", .drop(topic: String(repeating: "x", count: 256), key: 2)),
            ]
            for (field, change) in bad {
                let changes: [NoteChange] = [.keep("parked", 1), change, .keep("parked", 3)]
                try await refusesInput(field) { try await stage.store.change(changes, of: "view") }
                try await refusesInput(field) { try await stage.store.move(claimed, to: 1, changing: changes) }
            }
            try await refusesInput("checkpoint") {
                try await stage.store.move(claimed, to: -1, changing: [.keep("parked", 1)])
            }
            try check(try await stage.store.kept("parked"), is: [:])
            try check(try await stage.store.checkpoint(of: "view"), is: claimed)
        },
        Case("notes", "a note may be as long as a payload, and a name 255 bytes") { stage in
            let long = [UInt8](repeating: 0xA7, count: stage.store.limits.payloadBytes)
            let name = String(repeating: "x", count: 255)
            try await stage.store.change([.keep(name, 1, long)], of: name)
            try check(try await stage.store.kept(name, of: name) == [1: long], "the note comes back whole")
        },
        Case("notes", "a page must have a size from 1 to the limit, and names must be names") { stage in
            for limit in [0, -1, .min, stage.store.limits.pageSize + 1, .max] {
                try await refusesInput("page size", "\(limit)") {
                    try await stage.store.notes(of: "view", topic: "parked", from: 0, limit: limit)
                }
            }
            for name in ["", String(repeating: "x", count: 256), "a\0", "a\n"] {
                try await refusesInput("subscription name") {
                    try await stage.store.notes(of: name, topic: "parked", from: 0, limit: 1)
                }
                try await refusesInput("subscription name") {
                    try await stage.store.change([.keep("parked", 1)], of: name)
                }
                try await refusesInput("note topic") {
                    try await stage.store.notes(of: "view", topic: name, from: 0, limit: 1)
                }
            }
        },
        Case("notes", "a thousand notes go into one move") { stage in
            let changes = (0..<1_000).map { NoteChange.keep("parked", Int64($0), Array("\($0)".utf8)) }
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let moved = try await stage.store.move(claimed, to: 1, changing: changes)
            let found = try await stage.store.notes(of: "view", topic: "parked", from: 0, limit: 1_000)
            try check(found.map(NoteChange.keep) == changes, "all notes are there, in the order of their keys")
            let drops = (0..<1_000).map { NoteChange.drop(topic: "parked", key: $0) }
            _ = try await stage.store.move(moved, to: 2, changing: drops)
            try check(try await stage.store.kept("parked"), is: [:])
        },
        Case("notes", "of changes that race none is lost") { stage in
            try await atOnce(12) { number in
                for round in 0..<5 {
                    try await stage.store.change([.keep("parked", Int64(number * 5 + round))], of: "view")
                }
            }
            try check(try await stage.store.kept("parked").count, is: 60)
        },
        Case("notes", "of moves that race one goes through, with its notes") { stage in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let results = try await atOnce(8) { number in
                try await failure {
                    try await stage.store.move(claimed, to: Int64(number + 1), changing: [.keep("by", Int64(number))])
                }
            }
            let winners = results.indices.filter { results[$0] == nil }
            try check(winners.count, is: 1, "moves that went through")
            try check(try await stage.store.kept("by"), is: [Int64(winners[0]): []])
        },
        again("notes are there, and dropped ones are not") { stage in
            try await stage.store.change([.keep("parked", 1, [1]), .keep("parked", 2, [2])], of: "view")
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            _ = try await stage.store.move(claimed, to: 1, changing: [.drop(topic: "parked", key: 1)])
            let store = try await stage.reopen()
            try check(try await store.kept("parked"), is: [2: [2]])
        },
        Case("several handles", "what one handle notes the other reads at once", needs: [.severalHandles]) { stage in
            let other = try await stage.open()
            try await stage.store.change([.keep("request", 1, [1])], of: "view")
            try check(try await other.kept("request"), is: [1: [1]])
            try await other.change([.drop(topic: "request", key: 1)], of: "view")
            try check(try await stage.store.kept("request"), is: [:])
        },
        Case("notes", "a cancelled task can change notes, and after closing nobody can") { stage in
            try await cancelled {
                try await stage.store.change([.keep("parked", 1)], of: "view")
                try check(try await stage.store.kept("parked"), is: [1: []])
            }
            await stage.store.close()
            try await refuses(.closed) { try await stage.store.change([.keep("parked", 2)], of: "view") }
            try await refuses(.closed) { try await stage.store.kept("parked") }
        },
    ]
}
