import Skein

/// Appends that can go into one statement: no stream, command id or event id stands in two of them.
struct AppendGroup {
    private(set) var members: [PendingAppend] = []
    private var streams: Set<StreamID> = []
    private var commands: Set<CommandID> = []
    private var events: Set<EventID> = []

    /// - Parameter capacity: About how many members there will be.
    init(capacity: Int = 0) {
        members.reserveCapacity(capacity)
        streams.reserveCapacity(capacity)
        commands.reserveCapacity(capacity)
    }

    /// Takes an append in; false if it shares something with one that is in already.
    mutating func add(_ append: PendingAppend) -> Bool {
        guard isDisjoint(with: append) else { return false }
        streams.insert(append.append.stream)
        for command in append.append.commands {
            commands.insert(command.id)
            // With a derived identity the ids of the events follow from the command's.
            guard !append.planned.isPlain || command.events.count > 1 else { continue }
            for event in command.events { events.insert(event.id) }
        }
        members.append(append)
        return true
    }

    /// Whether an append shares nothing with those that are in.
    func isDisjoint(with other: PendingAppend) -> Bool {
        let append = other.append
        guard !streams.contains(append.stream) else { return false }
        for command in append.commands {
            guard !commands.contains(command.id) else { return false }
            guard !events.isEmpty else { continue }
            for event in command.events where events.contains(event.id) { return false }
        }
        return true
    }
}
