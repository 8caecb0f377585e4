import Skein
import Testing

extension EventStoreConformance {
    static let sizes: [Case] = [
        // case 7
        Case("sizes", "an append with as many events as allowed is stored whole and in order") { stage in
            let texts = (0..<stage.store.limits.eventsPerAppend).map(String.init)
            let receipt = try await stage.store.keep(.commands([.notes(texts)]))
            try check(receipt.version, is: Int64(texts.count))
            try check(receipt.position, is: Int64(texts.count))
            try check(try await stage.store.notes() == texts, "all events are there, in their order")
        },
        // case 7
        Case("sizes", "an append with one event too many is refused with its size and the limit") { stage in
            let limit = stage.store.limits.eventsPerAppend
            let append = StreamAppend.commands([.notes((0...limit).map(String.init))])
            try await refusesInput("append", naming: ["\(limit + 1)", "\(limit)"]) {
                try await stage.store.append(append)
            }
            try check(try await stage.store.head(), is: 0)
            try check(try await stage.store.outcome(of: append.command), is: nil)
        },
        Case("sizes", "the limit counts the events of all commands of an append") { stage in
            let limit = stage.store.limits.eventsPerAppend
            let half = (0...limit / 2).map(String.init)
            let commands = [CommandAppend.notes(half), .notes(half)]
            try await refusesInput("append") { try await stage.store.append(.commands(commands)) }
            try check(try await stage.store.head(), is: 0)
        },
        // case 7
        Case("sizes", "a command for each event, each with all fields set, is one append like any other") { stage in
            let count = min(5_000, stage.store.limits.eventsPerAppend)
            let commands = (0..<count).map { number in
                let metadata = EventMetadata(
                    correlationID: .unused(),
                    causationID: .unused(),
                    entries: ["number": "\(number)"]
                )
                let event = NewEvent(
                    id: .unused(),
                    name: "noted",
                    schemaVersion: 3,
                    payload: Array("\(number)".utf8),
                    metadata: metadata
                )
                return CommandAppend(id: .unused(), fingerprint: 1, outcome: .events([event]))
            }
            try check(try await stage.store.keep(.commands(commands)).version, is: Int64(count))
            let events = try await stage.store.events()
            try check(events.map(\.commandID) == commands.map(\.id), "each event has its command")
            try check(events.allSatisfy { $0.metadata["number"] == $0.note }, "each event has its metadata")
            let known = try await stage.store.recall(.commands([commands[count - 1]]))
            try check(known.map(\.version), is: [Int64(count)])
        },
        Case("sizes", "an append may carry a thousand answers without events") { stage in
            let commands = (0..<1_000).map { number in
                CommandAppend(id: .unused(), fingerprint: UInt64(number) + 1, outcome: .nothing)
            }
            try await stage.store.keep(.commands(commands))
            let known = try await stage.store.recall(.commands(commands))
            try check(Set(known.map(\.id)) == Set(commands.map(\.id)), "all of them are known")
            try check(try await stage.store.head(), is: 0)
        },
        Case("sizes", "a payload as large as allowed comes back whole") { stage in
            let size = min(stage.store.limits.payloadBytes, 16 * 1_048_576)
            let payload = manyBytes(size)
            try await stage.store.keep(.events([NewEvent(id: .unused(), name: "noted", payload: payload)]))
            try check(try await stage.store.events().map(\.payload) == [payload], "all bytes come back")
        },
        Case("sizes", "a payload one byte too large is refused with its size and the limit") { stage in
            let limit = stage.store.limits.payloadBytes
            let payload = [UInt8](repeating: 120, count: limit + 1)
            let append = StreamAppend.events([.note("a"), NewEvent(id: .unused(), name: "noted", payload: payload)])
            try await refusesInput("payload", naming: ["\(limit + 1)", "\(limit)"]) {
                try await stage.store.append(append)
            }
            try check(try await stage.store.head(), is: 0)
        },
        Case("sizes", "many large payloads may come in one append") { stage in
            let size = min(65_536, stage.store.limits.payloadBytes)
            let events = (0..<40).map { number in
                NewEvent(id: .unused(), name: "noted", payload: Array(repeating: UInt8(number), count: size))
            }
            try await stage.store.keep(.events(events))
            try check(try await stage.store.events().map(\.payload) == events.map(\.payload), "all bytes come back")
        },
        // case 61
        Case("sizes", "metadata as long as allowed comes back whole") { stage in
            var entries: [String: String] = [:]
            for number in 0..<16 { entries["entry-\(number + 10)"] = String(repeating: "v", count: 1_024 - 8) }
            var event = NewEvent.note("a")
            event.metadata = EventMetadata(entries: entries)
            try await stage.store.keep(.events([event]))
            try check(try await stage.store.events().map(\.metadata) == [event.metadata], "all entries come back")
        },
        Case("sizes", "a store keeps many streams apart") { stage in
            try await atOnce(8) { number in
                for index in 0..<50 {
                    let stream = StreamID.note("\(number)-\(index)")
                    try await stage.store.keep(.notes("\(number)-\(index)", to: stream, expecting: .noStream))
                }
            }
            try check(try await stage.store.head(), is: 400)
            for (number, index) in [(0, 0), (3, 17), (7, 49)] {
                let text = "\(number)-\(index)"
                try check(try await stage.store.notes(of: .note(text)), is: [text])
            }
        },
        Case("sizes", "a long stream is read page by page") { stage in
            for round in 0..<10 {
                let texts = (0..<200).map { "\(round * 200 + $0)" }
                try await stage.store.keep(.commands([.notes(texts)], expecting: .exactly(Int64(round) * 200)))
            }
            let all = (0..<2_000).map(String.init)
            try check(try await stage.store.events(page: 97).map(\.note) == all, "the stream is whole")
            try check(try await stage.store.log(page: 97).map(\.note) == all, "the log is whole")
            try check(try await stage.store.logBackward(page: 97).map(\.note) == all.reversed(), "so it is backward")
        },
    ]

    /// Bytes of all values, with no short pattern that comes again and again at the same distance.
    static func manyBytes(_ count: Int) -> [UInt8] {
        var bytes = (0..<min(count, 65_537)).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        while bytes.count < count { bytes.append(contentsOf: bytes.prefix(count - bytes.count)) }
        return bytes
    }

    private static func refusesInput<Value>(
        _ field: String,
        naming figures: [String],
        at location: SourceLocation = #_sourceLocation,
        _ call: () async throws -> Value
    ) async throws {
        guard case .invalidInput(let input) = try await failure(at: location, of: call) else {
            throw ConformanceFailure("expected invalidInput for \(field), found something else", at: location)
        }
        try check(input.field, is: field, at: location)
        for figure in figures {
            try check(input.reason.contains(figure), "\"\(input.reason)\" names \(figure)", at: location)
        }
    }
}
