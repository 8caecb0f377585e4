import Skein
import Testing

extension EventStoreConformance {
    /// What subscriptions keep beside their checkpoints.
    static let subscriptionNotes: [Case] = [
        Case("notes", "a note is kept byte for byte under its topic and key") { stage in
            let contents: [[UInt8]] = [[], [0], Array(0...255), Array("{\"b\":1, \"a\":2}".utf8), [0xC3, 0x28]]
            for (key, content) in zip(Int64(1)..., contents) {
                try await stage.store.change([.keep("parked", key, content)], of: "view")
            }
            let found = try await stage.store.notes(of: "view", topic: "parked", from: 0, limit: 10)
            let expected = zip(Int64(1)..., contents).map { SubscriptionNote(topic: "parked", key: $0, content: $1) }
            try check(found, is: expected)
        },
        Case("notes", "a note takes the place of the one of the same topic and key") { stage in
            try await stage.store.change([.keep("parked", 1, [1]), .keep("parked", 2, [2])], of: "view")
            try await stage.store.change([.keep("parked", 1, [3, 3])], of: "view")
            try check(try await stage.store.kept("parked"), is: [1: [3, 3], 2: [2]])
        },
        Case("notes", "a dropped note is gone, and dropping one that is not there does nothing") { stage in
            try await stage.store.change([.drop(topic: "parked", key: 1)], of: "view")
            try await stage.store.change([.keep("parked", 1, [1]), .keep("parked", 2, [2])], of: "view")
            try await stage.store.change([.drop(topic: "parked", key: 1), .drop(topic: "none", key: 2)], of: "view")
            try check(try await stage.store.kept("parked"), is: [2: [2]])
        },
        Case("notes", "the changes of a call are made in their order") { stage in
            let changes: [NoteChange] = [
                .keep("parked", 1, [1]), .keep("parked", 1, [2]), .drop(topic: "parked", key: 2),
                .keep("parked", 2, [3]), .keep("parked", 3, [4]), .drop(topic: "parked", key: 3),
            ]
            try await stage.store.change(changes, of: "view")
            try check(try await stage.store.kept("parked"), is: [1: [2], 2: [3]])
        },
        Case("notes", "notes come in the order of their keys, whatever the numbers are") { stage in
            let keys: [Int64] = [5, .max, -1, 0, .min, 1, 1_000_000_000_000]
            try await stage.store.change(keys.map { .keep("parked", $0) }, of: "view")
            let found = try await stage.store.notes(of: "view", topic: "parked", from: .min, limit: 10)
            try check(found.map(\.key), is: keys.sorted())
        },
        Case("notes", "pages begin with the key that they are asked for, and put together they are all notes") {
            stage in
            let keys = Array(1...25 as ClosedRange<Int64>).map { $0 * 3 }
            try await stage.store.change(keys.map { .keep("parked", $0) }, of: "view")
            for size in [1, 4, 25, 26] {
                var found: [Int64] = []
                while true {
                    let from = found.last.map { $0 + 1 } ?? 0
                    let page = try await stage.store.notes(of: "view", topic: "parked", from: from, limit: size)
                    found += page.map(\.key)
                    if page.count < size { break }
                }
                try check(found, is: keys, "in pages of \(size)")
            }
            let included = try await stage.store.notes(of: "view", topic: "parked", from: 6, limit: 2)
            try check(included.map(\.key), is: [6, 9])
            let between = try await stage.store.notes(of: "view", topic: "parked", from: 7, limit: 1)
            try check(between.map(\.key), is: [9])
            try check(try await stage.store.notes(of: "view", topic: "parked", from: 76, limit: 5), is: [])
        },
        Case("notes", "topics are apart, and are compared byte by byte") { stage in
            let topics = ["\u{E9}", "e\u{301}", "Parked", "parked", "parked ", "%", "'; DROP TABLE notes;--"]
            for (number, topic) in topics.enumerated() {
                try await stage.store.change([.keep(topic, 1, [UInt8(number)])], of: "view")
            }
            for (number, topic) in topics.enumerated() {
                let found = try await stage.store.notes(of: "view", topic: topic, from: 0, limit: 10)
                try check(found.map(\.content), is: [[UInt8(number)]], "\(Array(topic.utf8))")
                try check(found.map { Array($0.topic.utf8) }, is: [Array(topic.utf8)])
            }
            try await stage.store.change([.drop(topic: "parked", key: 1)], of: "view")
            try check(try await stage.store.kept("Parked"), is: [1: [2]])
        },
        Case("notes", "subscriptions are apart, and are compared byte by byte") { stage in
            let names = ["\u{E9}", "e\u{301}", "View", "view", "view#1/2"]
            for (number, name) in names.enumerated() {
                try await stage.store.change([.keep("parked", 1, [UInt8(number)])], of: name)
            }
            try await stage.store.deleteCheckpoint(of: "view")
            try await stage.store.change([.drop(topic: "parked", key: 1)], of: "View")
            for (number, name) in names.enumerated() {
                let found = try await stage.store.kept("parked", of: name)
                try check(found, is: number == 2 || number == 3 ? [:] : [1: [UInt8(number)]], "\(Array(name.utf8))")
            }
        },
        Case("notes", "a subscription that nobody claimed may have notes, and a claim keeps them") { stage in
            try await stage.store.change([.keep("parked", 1, [1])], of: "view")
            try check(try await stage.store.checkpoint(of: "view"), is: nil)
            _ = try await stage.store.claimCheckpoint(of: "view")
            try check(try await stage.store.kept("parked"), is: [1: [1]])
            _ = try await stage.store.acquired(by: "a")
            try check(try await stage.store.kept("parked"), is: [1: [1]])
        },
        Case("notes", "a change asks nobody for the checkpoint, and leaves it and its lease") { stage in
            let held = try await stage.store.acquired(by: "a")
            try await stage.store.change([.keep("request", 1, [1])], of: "view")
            try check(try await stage.store.checkpoint(of: "view"), is: held)
            try await stage.store.holds("a")
        },
        Case("notes", "an unknown subscription and an unknown topic have none") { stage in
            try await stage.store.change([.keep("parked", 1)], of: "view")
            try check(try await stage.store.kept("other"), is: [:])
            try check(try await stage.store.kept("parked", of: "other"), is: [:])
        },
        Case("notes", "an empty change does nothing") { stage in
            try await stage.store.change([], of: "view")
            try check(try await stage.store.checkpoint(of: "view"), is: nil)
        },
    ]
}

extension NoteChange {
    static func keep(_ topic: String, _ key: Int64, _ content: [UInt8] = []) -> NoteChange {
        .keep(SubscriptionNote(topic: topic, key: key, content: content))
    }
}

extension EventStore {
    /// All notes under a topic.
    func kept(_ topic: String, of subscription: String = "view") async throws -> [Int64: [UInt8]] {
        let notes = try await notes(of: subscription, topic: topic, from: .min, limit: limits.pageSize)
        return Dictionary(notes.map { ($0.key, $0.content) }) { first, _ in first }
    }
}
