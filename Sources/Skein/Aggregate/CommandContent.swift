/// A command or a wish to read with its type, which only the typed edges look into.
@usableFromInline
protocol CommandContent: AnyObject, Sendable {
    /// Whether the aggregate is only read.
    var isRead: Bool { get }

    /// The command's name for people; it takes microseconds to find out.
    var commandName: String { get }
}

/// A command to an aggregate of one type.
@usableFromInline
final class TypedCommand<A: Aggregate>: CommandContent {
    @usableFromInline typealias Read = @Sendable (A) -> any Sendable

    @usableFromInline let command: A.Command
    @usableFromInline let read: Read?

    @inlinable
    init(_ command: A.Command, read: Read?) {
        self.command = command
        self.read = read
    }

    @usableFromInline var isRead: Bool { false }

    /// The case of an enum, else the type.
    @usableFromInline var commandName: String {
        let mirror = Mirror(reflecting: command)
        guard mirror.displayStyle == .enum else { return String(describing: A.Command.self) }
        return mirror.children.first?.label ?? String(describing: command)
    }
}

/// A wish to read an aggregate of one type.
final class TypedRead<A: Aggregate>: CommandContent {
    let read: TypedCommand<A>.Read

    init(_ read: @escaping TypedCommand<A>.Read) {
        self.read = read
    }

    var isRead: Bool { true }
    var commandName: String { "read" }
}

/// What an aggregate of one type answers.
@usableFromInline
final class TypedAnswer<A: Aggregate>: Sendable {
    @usableFromInline let events: [A.Event]
    let reply: (any Sendable)?

    init(events: [A.Event], reply: (any Sendable)?) {
        self.events = events
        self.reply = reply
    }
}
