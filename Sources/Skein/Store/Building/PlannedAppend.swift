/// An append, with what can be found out about it before it is the writer's turn.
package struct PlannedAppend: Sendable {
    package let append: StreamAppend
    /// Whether each command is known by its first event, and no event id stands in the append twice: the unique index on
    /// event ids then finds by itself what is known or stored already.
    package let isPlain: Bool
    /// Roughly what the append adds to a transaction.
    package let bytes: Int

    package init(_ append: StreamAppend) {
        self.append = append
        var isPlain = true
        var bytes = 256
        for command in append.commands {
            isPlain = isPlain && command.hasDerivedIdentity
            for event in command.events { bytes += event.payload.count + 256 }
            if case .rejection(let rejection) = command.outcome { bytes += rejection.count }
        }
        if isPlain, append.eventCount > 1 { isPlain = Self.repeatedEvent(in: append) == nil }
        self.isPlain = isPlain
        self.bytes = bytes
    }

    package static func repeatedEvent(in append: StreamAppend) -> EventID? {
        var seen: Set<EventID> = []
        return append.events.first { !seen.insert($0.id).inserted }?.id
    }
}
