import Skein
import Testing

extension EventStoreConformance {
    static let eventIdentity: [Case] = [
        // case 9
        Case("event ids", "an event keeps the id that it was given") { stage in
            let events = [NewEvent.note("a"), .note("b")]
            try await stage.store.keep(.events(events))
            try check(try await stage.store.events().map(\.id), is: events.map(\.id))
            try check(try await stage.store.log().map(\.id), is: events.map(\.id))
        },
        // case 15
        Case("event ids", "an id that stands in a command twice is refused, and nothing of it is stored") { stage in
            let event = NewEvent.note("a")
            let append = StreamAppend.events([.note("before"), event, event])
            try await refuses(.duplicateEvent(event.id)) { try await stage.store.append(append) }
            try check(try await stage.store.head(), is: 0)
            try check(try await stage.store.outcome(of: append.command), is: nil)
        },
        // case 15
        Case("event ids", "an id that stands in two commands of one append is refused") { stage in
            let event = NewEvent.note("a")
            let commands = [[event], [.note("b"), event]].map { CommandAppend(id: .unused(), outcome: .events($0)) }
            try await refuses(.duplicateEvent(event.id)) { try await stage.store.append(.commands(commands)) }
            try check(try await stage.store.head(), is: 0)
        },
        // case 15
        Case("event ids", "an id that the stream has already is refused with the whole append") { stage in
            let event = NewEvent.note("a")
            try await stage.store.keep(.events([event]))
            try await refuses(.duplicateEvent(event.id)) {
                try await stage.store.append(.events([.note("new"), event, .note("newer")]))
            }
            try check(try await stage.store.notes(), is: ["a"])
        },
        Case("event ids", "an id that another stream has already is refused") { stage in
            let event = NewEvent.note("a")
            try await stage.store.keep(.events([event]))
            let append = StreamAppend.events([.note("new"), event], to: .bob)
            try await refuses(.duplicateEvent(event.id)) { try await stage.store.append(append) }
            try check(try await stage.store.version(of: .bob), is: 0)
            try check(try await stage.store.outcome(of: append.command), is: nil)
        },
        Case("event ids", "an id that another command took first is refused although it follows from the command") {
            stage in
            let command = CommandAppend.notes(["derived"])
            let id = try require(command.events.first, "the event").id
            try await stage.store.keep(.events([.note("first", id: id)], to: .bob))
            try await refuses(.duplicateEvent(id)) { try await stage.store.append(.commands([command])) }
            try check(try await stage.store.outcome(of: command.id), is: nil)
            try check(try await stage.store.log().map(\.note), is: ["first"])
        },
        Case("event ids", "a taken id behind one that follows from the command is refused with the whole append") {
            stage in
            let taken = NewEvent.note("taken")
            try await stage.store.keep(.events([taken], to: .bob))
            let id = CommandID.unused()
            let events = [NewEvent.note("new", id: EventID(command: id, ordinal: 0)), taken]
            let command = CommandAppend(id: id, fingerprint: 1, outcome: .events(events))
            try await refuses(.duplicateEvent(taken.id)) { try await stage.store.append(.commands([command])) }
            try check(try await stage.store.outcome(of: id), is: nil)
            try check(try await stage.store.version(of: .ada), is: 0)
            try check(try await stage.store.log().map(\.note), is: ["taken"])
        },
        Case("event ids", "the ids of an append that was refused are free") { stage in
            let append = StreamAppend.notes("a", "b", expecting: .exactly(4))
            try await refuses(.conflict(expected: .exactly(4), actual: 0)) { try await stage.store.append(append) }
            try await stage.store.keep(.events(append.commands[0].events))
            try check(try await stage.store.notes(), is: ["a", "b"])
        },
        Case("event ids", "an id may have any bits, and differ from another one in any") { stage in
            let id = EventID.unused()
            let ids = [
                EventID(high: 0, low: 0), EventID(high: .max, low: .max), EventID(high: 0, low: 1),
                id, EventID(high: id.high, low: id.low ^ 1), EventID(high: id.high ^ 1 << 63, low: id.low),
            ]
            try await stage.store.keep(.events(ids.map { .note("x", id: $0) }))
            try check(try await stage.store.events().map(\.id), is: ids)
        },
    ]
}
