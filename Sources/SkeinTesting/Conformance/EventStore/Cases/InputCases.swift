import Skein
import Testing

extension EventStoreConformance {
    static let input: [Case] = [
        badID("an append") { store, stream in try await store.append(.notes("x", to: stream)) },
        badID("an append without commands") { store, stream in try await store.append(.commands([], to: stream)) },
        badID("reading a stream") { store, stream in
            try await store.read(stream, from: 1, direction: .forward, limit: 1)
        },
        badID("asking for a version") { store, stream in try await store.version(of: stream) },
        badID("deleting softly") { store, stream in try await store.delete(stream, mode: .soft, expecting: .any) },
        badID("deleting for good") { store, stream in try await store.delete(stream, mode: .hard, expecting: .any) },
        badID("saving a snapshot") { store, stream in
            try await store.save(Snapshot(stream: stream, version: 1, shapeVersion: 1, payload: []))
        },
        badID("reading a snapshot") { store, stream in try await store.snapshot(of: stream) },
        badID("deleting a snapshot") { store, stream in try await store.deleteSnapshot(of: stream) },
        badSubscription("claiming a checkpoint") { store, name in try await store.claimCheckpoint(of: name) },
        badSubscription("reading a checkpoint") { store, name in try await store.checkpoint(of: name) },
        badSubscription("moving a checkpoint") { store, name in
            try await store.move(Checkpoint(subscription: name, position: 0, epoch: 1), to: 1)
        },
        badSubscription("deleting a checkpoint") { store, name in try await store.deleteCheckpoint(of: name) },
        badEvent("a name that breaks the rules", "event name", badNames.map { .note("x", name: $0) }),
        badEvent(
            "a schema version out of range",
            "schema version",
            [0, -1, .min, 1 << 31, .max].map { NewEvent(id: .unused(), name: "noted", schemaVersion: $0, payload: []) }
        ),
        badEvent(
            "metadata with U+0000, without a name or too long",
            "metadata",
            [
                ["": "x"], ["x": "a\0b"], ["a\0b": "x"],
                ["x": String(repeating: "v", count: EventMetadata.maximumLength)],
            ].map { NewEvent(id: .unused(), name: "noted", payload: [], metadata: EventMetadata(entries: $0)) }
        ),
        Case("bad input", "a command that stands in one append twice is refused") { stage in
            let command = CommandAppend(id: .unused(), fingerprint: 1, outcome: .nothing)
            let events = CommandAppend.notes(["x"], id: command.id)
            for commands in [[command, command], [command, .notes(["y"]), events]] {
                try await refusesInput("command id") { try await stage.store.append(.commands(commands)) }
            }
            try check(try await stage.store.outcome(of: command.id), is: nil)
            try check(try await stage.store.head(), is: 0)
        },
        Case("bad input", "a page of a stream must have a size from 1 to the limit") { stage in
            try await stage.store.keep(.notes("a"))
            for size in badSizes(for: stage.store) {
                for direction in [ReadDirection.forward, .backward] {
                    try await refusesInput("page size", "\(size) \(direction)") {
                        try await stage.store.read(.ada, from: 1, direction: direction, limit: size)
                    }
                }
            }
        },
        Case("bad input", "a page of the log must have a size from 1 to the limit") { stage in
            try await stage.store.keep(.notes("a"))
            for size in badSizes(for: stage.store) {
                for filter in [EventFilter.all, EventFilter(events: ["noted"])] {
                    try await refusesInput("page size", "\(size)") {
                        try await stage.store.readLog(from: 0, direction: .forward, filter: filter, limit: size)
                    }
                }
            }
        },
        Case("bad input", "a stream is not read from a version below 0") { stage in
            try await stage.store.keep(.notes("a"))
            for version in [-1, .min] as [Int64] {
                for direction in [ReadDirection.forward, .backward] {
                    try await refusesInput("version", "\(version) \(direction)") {
                        try await stage.store.read(.ada, from: version, direction: direction, limit: 1)
                    }
                }
            }
        },
        Case("bad input", "the log is not read from a position below 0") { stage in
            try await stage.store.keep(.notes("a"))
            for position in [-1, .min] as [Int64] {
                for direction in [ReadDirection.forward, .backward] {
                    try await refusesInput("position", "\(position) \(direction)") {
                        try await stage.store.readLog(from: position, direction: direction, filter: .all, limit: 1)
                    }
                }
            }
        },
        Case("bad input", "a checkpoint is not moved to a position below 0") { stage in
            let checkpoint = try await stage.store.claimCheckpoint(of: "view")
            for position in [-1, .min] as [Int64] {
                try await refusesInput("checkpoint") { try await stage.store.move(checkpoint, to: position) }
            }
            try check(try await stage.store.checkpoint(of: "view"), is: checkpoint)
        },
        Case("bad input", "a stream is not deleted at a version below 0") { stage in
            try await stage.store.keep(.notes("a"))
            for version in [-1, .min] as [Int64] {
                try await refusesInput("expected version") {
                    try await stage.store.delete(.ada, mode: .soft, expecting: .exactly(version))
                }
            }
            try check(try await stage.store.version(of: .ada), is: 1)
        },
        Case("bad input", "one bad event among good ones keeps all of the append out") { stage in
            let good = CommandAppend.notes(["a", "b"])
            let bad = CommandAppend(id: .unused(), outcome: .events([.note("c"), .note("d", name: "")]))
            try await refusesInput("event name") { try await stage.store.append(.commands([good, bad])) }
            for command in [good, bad] { try check(try await stage.store.outcome(of: command.id), is: nil) }
            try check(try await stage.store.head(), is: 0)
            try await stage.store.keep(.commands([good]))
        },
        Case("bad input", "an error's text never repeats what it was given") { stage in
            let secret = "s3cret"
            let appends: [StreamAppend] = [
                .notes("x", to: .note(secret + "\0")),
                .notes("x", to: .note(String(repeating: secret, count: 99))),
                .events([.note("x", name: secret + "\n")]),
                .events([
                    NewEvent(
                        id: .unused(),
                        name: "noted",
                        payload: Array(secret.utf8),
                        metadata: EventMetadata(entries: [secret: "\0"])
                    )
                ]),
            ]
            for append in appends {
                do {
                    _ = try await stage.store.append(append)
                } catch {
                    try check(!"\(error)".contains(secret), "the text of the error holds no input")
                }
            }
        },
    ]

    private static var badNames: [String] {
        [
            "", String(repeating: "x", count: 256), String(repeating: "é", count: 128), "\0", "a\u{0}b", "a\nb",
            "a\r\nb",
            "\t", "\u{7F}", "a\u{85}", "\u{80}", "\u{9F}",
        ]
    }

    private static func badSizes(for store: any EventStore) -> [Int] {
        [0, -1, .min, store.limits.pageSize + 1, 1_000_000_000, .max]
    }

    /// A call that must refuse every stream whose name or id breaks the rules.
    private static func badID<Value>(
        _ call: String,
        _ body: @escaping @Sendable (any EventStore, StreamID) async throws -> Value
    ) -> Case {
        Case("bad input", "\(call) refuses a stream whose id or aggregate is no name") { stage in
            for name in badNames {
                let bytes = "bytes \(Array(name.utf8.prefix(8)))"
                try await refusesInput("aggregate id", bytes) {
                    try await body(stage.store, StreamID(aggregate: "Note", id: name))
                }
                try await refusesInput("aggregate name", bytes) {
                    try await body(stage.store, StreamID(aggregate: name, id: "ada"))
                }
            }
            try check(try await stage.store.head(), is: 0)
        }
    }

    private static func badSubscription<Value>(
        _ call: String,
        _ body: @escaping @Sendable (any EventStore, String) async throws -> Value
    ) -> Case {
        Case("bad input", "\(call) refuses a subscription that is no name") { stage in
            for name in badNames {
                try await refusesInput("subscription name", "bytes \(Array(name.utf8.prefix(8)))") {
                    try await body(stage.store, name)
                }
            }
        }
    }

    private static func badEvent(
        _ what: String,
        _ field: String,
        _ events: @autoclosure @escaping @Sendable () -> [NewEvent]
    ) -> Case {
        Case("bad input", "an event with \(what) is refused") { stage in
            for event in events() {
                let append = StreamAppend.events([.note("good"), event])
                try await refusesInput(field) { try await stage.store.append(append) }
                try check(try await stage.store.outcome(of: append.command), is: nil)
            }
            try check(try await stage.store.head(), is: 0)
        }
    }
}
