import Skein
import Testing

extension EventStoreConformance {
    static let knownCommands: [Case] = [
        Case("known commands", "a repeated append is answered with the first one's outcome and stores nothing") {
            stage in
            try await stage.store.keep(.notes("before"))
            let append = StreamAppend.notes("a", "b", fingerprint: 5)
            let receipt = try await stage.store.keep(append)
            try await stage.store.keep(.notes("after", to: .bob))
            let known = try await stage.store.recall(append)
            let expected = KnownCommand(
                id: append.command,
                stream: .ada,
                fingerprint: 5,
                version: 3,
                position: 3,
                recordedAt: receipt.recordedAt,
                outcome: .events(Array(try await stage.store.events().dropFirst()))
            )
            try check(known, is: [expected])
            try check(try await stage.store.head(), is: 4)
        },
        Case("known commands", "the outcome can be asked for, and is the same as the append's answer") { stage in
            let append = StreamAppend.notes("a", "b", fingerprint: 3)
            try await stage.store.keep(append)
            try check(try await stage.store.recall(append), is: [try await stage.store.known(append.command)])
        },
        Case("known commands", "a command that the store never saw has no outcome") { stage in
            try await stage.store.keep(.notes("a"))
            try check(try await stage.store.outcome(of: .unused()), is: nil)
        },
        Case("known commands", "the first outcome stays, however far the stream has gone on") { stage in
            let append = StreamAppend.notes("a", fingerprint: 1)
            try await stage.store.keep(append)
            let first = try await stage.store.known(append.command)
            for _ in 0..<10 { try await stage.store.keep(.notes("more")) }
            try check(try await stage.store.recall(append), is: [first])
            try check(first.version, is: 1)
            try check(first.position, is: 1)
        },
        Case("known commands", "a command whose id the sender did not choose is known too if it stored events") {
            stage in
            let append = StreamAppend.notes("a", fingerprint: 0)
            try await stage.store.keep(append)
            try check(try await stage.store.recall(append).map(\.fingerprint), is: [0])
            try check(try await stage.store.head(), is: 1)
        },
        Case("known commands", "the same id with another payload stores nothing and gets the first fingerprint") {
            stage in
            let id = CommandID.unused()
            try await stage.store.keep(.commands([.notes(["first"], id: id, fingerprint: 1)]))
            let known = try await stage.store.recall(.commands([.notes(["second"], id: id, fingerprint: 2)]))
            try check(known.map(\.fingerprint), is: [1])
            try check(try await stage.store.log().map(\.note), is: ["first"])
        },
        Case("known commands", "the same id with other event ids stores nothing") { stage in
            let first = StreamAppend.events([.note("first")], fingerprint: 1)
            try await stage.store.keep(first)
            var second = first
            second.commands[0].outcome = .events([.note("second"), .note("third")])
            try check(try await stage.store.recall(second).map(\.version), is: [1])
            try check(try await stage.store.log().map(\.note), is: ["first"])
        },
        Case("known commands", "the same id for another stream stores nothing and names the first stream") { stage in
            let first = StreamAppend.notes("a", fingerprint: 1)
            try await stage.store.keep(first)
            let known = try await stage.store.recall(.commands(first.commands, to: .bob))
            try check(known.map(\.stream), is: [.ada])
            try check(try await stage.store.version(of: .bob), is: 0)
        },
        Case("known commands", "the same id with an answer instead of events gets the events") { stage in
            let append = StreamAppend.notes("a", fingerprint: 1)
            try await stage.store.keep(append)
            let answer = CommandAppend(id: append.command, fingerprint: 1, outcome: .nothing)
            let known = try await stage.store.recall(.commands([answer]))
            try check(known.map(\.outcome), is: [.events(try await stage.store.events())])
        },
        Case("known commands", "one known command among new ones keeps the whole append out") { stage in
            let old = StreamAppend.notes("old", fingerprint: 1)
            try await stage.store.keep(old)
            let new = CommandAppend.notes(["new"])
            let newer = CommandAppend.notes(["newer"])
            let known = try await stage.store.recall(.commands([new] + old.commands + [newer]))
            try check(known.map(\.id), is: [old.command])
            try check(try await stage.store.outcome(of: new.id), is: nil)
            try check(try await stage.store.outcome(of: newer.id), is: nil)
            try check(try await stage.store.log().map(\.note), is: ["old"])
        },
        Case("known commands", "all known commands of an append are returned, whatever stream they went to") { stage in
            let events = StreamAppend.notes("a", to: .bob, fingerprint: 1)
            let nothing = StreamAppend.answer(.nothing, fingerprint: 2)
            let rejected = StreamAppend.answer(.rejection([3]), to: .note("carl"), fingerprint: 3)
            for append in [events, nothing, rejected] { try await stage.store.keep(append) }
            let commands = [.notes(["new"])] + events.commands + nothing.commands + rejected.commands
            let known = try await stage.store.recall(.commands(commands))
            try check(Set(known.map(\.id)), is: [events.command, nothing.command, rejected.command])
            try check(Set(known.map(\.stream)), is: [.ada, .bob, .note("carl")])
        },
        Case("known commands", "commands of one append are known each with its own events, version and position") {
            stage in
            try await stage.store.keep(.notes("before", to: .bob))
            let first = CommandAppend.notes(["a", "b"], fingerprint: 1)
            let second = CommandAppend.notes(["c"], fingerprint: 1)
            try await stage.store.keep(.commands([first, second]))
            let events = try await stage.store.events()
            let known = [try await stage.store.known(first.id), try await stage.store.known(second.id)]
            try check(known.map(\.version), is: [2, 3])
            try check(known.map(\.position), is: [3, 4])
            try check(
                known.map(\.outcome),
                is: [.events(Array(events.prefix(2))), .events(Array(events.dropFirst(2)))]
            )
        },
        // case 9
        Case("known commands", "a command with event ids of the sender's choice is known again with its events") {
            stage in
            let events = [NewEvent.note("a"), .note("b")]
            let command = CommandAppend(id: .unused(), outcome: .events(events))
            try await stage.store.keep(.commands([.notes(["x"]), command]))
            let known = try await stage.store.recall(.commands([command]))
            try check(known.map(\.id), is: [command.id])
            try check(known.map(\.version), is: [3])
            try check(known.map(\.position), is: [3])
            try check(known.map(\.outcome), is: [.events(Array(try await stage.store.log().dropFirst()))])
        },
        Case("known commands", "a command comes again in whatever form, also as one whose id nobody chose") { stage in
            let outcomes: [CommandAppend.Outcome] = [
                .events([.note("chosen id")]), .events(CommandAppend.notes(["other"]).events), .rejection([1]),
                .nothing,
            ]
            for (number, outcome) in outcomes.enumerated() {
                let first = CommandAppend(id: .unused(), fingerprint: number < 1 ? 0 : 1, outcome: outcome)
                try await stage.store.keep(.commands([first]))
                let known = try await stage.store.known(first.id)
                for fingerprint in [0, 1] as [UInt64] {
                    let again = CommandAppend.notes(["again"], id: first.id, fingerprint: fingerprint)
                    try check(try await stage.store.recall(.commands([again])), is: [known], "form \(number)")
                }
            }
            try check(try await stage.store.notes(), is: ["chosen id", "other"])
        },
        Case("known commands", "fingerprints keep all 64 bits") { stage in
            for fingerprint in [1, 1 << 31, 1 << 63, .max - 1, .max] as [UInt64] {
                let events = StreamAppend.notes("a", fingerprint: fingerprint)
                let answer = StreamAppend.answer(.nothing, fingerprint: fingerprint)
                try await stage.store.keep(events)
                try await stage.store.keep(answer)
                try check(try await stage.store.known(events.command).fingerprint, is: fingerprint, "with events")
                try check(try await stage.store.known(answer.command).fingerprint, is: fingerprint, "without events")
            }
        },
        Case("known commands", "ids of zeros only and of ones only are ids like all others") { stage in
            for word in [0, .max] as [UInt64] {
                let append = StreamAppend.commands([.notes(["a"], id: CommandID(high: word, low: word))])
                try await stage.store.keep(append)
                try check(try await stage.store.recall(append).map(\.id), is: [append.command])
            }
            try check(try await stage.store.head(), is: 2)
        },
        Case("known commands", "ids that differ in one bit are two commands") { stage in
            let id = CommandID.unused()
            try await stage.store.keep(.commands([.notes(["a"], id: id)]))
            try await stage.store.keep(.commands([.notes(["b"], id: CommandID(high: id.high, low: id.low ^ 1))]))
            try await stage.store.keep(.commands([.notes(["c"], id: CommandID(high: id.high ^ 1 << 63, low: id.low))]))
            try check(try await stage.store.head(), is: 3)
        },
        Case("known commands", "a command that ended in a conflict is not known and may come again") { stage in
            var append = StreamAppend.notes("a", expecting: .exactly(3), fingerprint: 1)
            try await refuses(.conflict(expected: .exactly(3), actual: 0)) { try await stage.store.append(append) }
            append.expected = .exactly(0)
            try check(try await stage.store.keep(append).version, is: 1)
        },
        Case("known commands", "a command that was refused for an event id is not known and may come again") { stage in
            let taken = EventID.unused()
            try await stage.store.keep(.events([.note("first", id: taken)]))
            var append = StreamAppend.events([.note("second", id: taken)], fingerprint: 1)
            try await refuses(.duplicateEvent(taken)) { try await stage.store.append(append) }
            append.commands[0].outcome = .events([.note("second")])
            try check(try await stage.store.keep(append).version, is: 2)
        },
    ]
}
