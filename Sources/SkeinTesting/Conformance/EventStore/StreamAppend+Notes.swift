import Skein

/// What the cases append: notes, whose payloads are short texts.
extension StreamAppend {
    /// One command with a note for each text; the events' ids follow from the command's.
    static func notes(
        _ texts: String...,
        to stream: StreamID = .ada,
        expecting expected: ExpectedVersion = .any,
        fingerprint: UInt64 = 0,
        at time: Timestamp? = nil
    ) -> StreamAppend {
        StreamAppend(
            stream: stream,
            expecting: expected,
            commands: [.notes(texts, fingerprint: fingerprint)],
            recordedAt: time
        )
    }

    /// One command with these events.
    static func events(
        _ events: [NewEvent],
        to stream: StreamID = .ada,
        expecting expected: ExpectedVersion = .any,
        fingerprint: UInt64 = 0
    ) -> StreamAppend {
        .commands(
            [CommandAppend(id: .unused(), fingerprint: fingerprint, outcome: .events(events))],
            to: stream,
            expecting: expected
        )
    }

    /// One command without events.
    static func answer(
        _ outcome: CommandAppend.Outcome,
        to stream: StreamID = .ada,
        expecting expected: ExpectedVersion = .any,
        fingerprint: UInt64 = 1
    ) -> StreamAppend {
        .commands(
            [CommandAppend(id: .unused(), fingerprint: fingerprint, outcome: outcome)],
            to: stream,
            expecting: expected
        )
    }

    static func commands(
        _ commands: [CommandAppend],
        to stream: StreamID = .ada,
        expecting expected: ExpectedVersion = .any
    ) -> StreamAppend {
        StreamAppend(stream: stream, expecting: expected, commands: commands)
    }

    /// The id of the only command.
    var command: CommandID { commands[0].id }
}

extension CommandAppend {
    static func notes(
        _ texts: [String],
        id: CommandID = .unused(),
        fingerprint: UInt64 = 0
    ) -> CommandAppend {
        let events = texts.enumerated().map { ordinal, text in
            NewEvent.note(text, id: EventID(command: id, ordinal: ordinal))
        }
        return CommandAppend(id: id, fingerprint: fingerprint, outcome: .events(events))
    }
}

extension NewEvent {
    static func note(_ text: String, id: EventID = .unused(), name: String = "noted") -> NewEvent {
        NewEvent(id: id, name: name, payload: Array(text.utf8))
    }
}

extension StreamID {
    static let ada = note("ada")
    static let bob = note("bob")

    static func note(_ id: String) -> StreamID { StreamID(aggregate: "Note", id: id) }
}

extension StoredEvent {
    /// The payload as text.
    var note: String { String(decoding: payload, as: UTF8.self) }
}
