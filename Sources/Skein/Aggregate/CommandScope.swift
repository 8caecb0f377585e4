import Synchronization

/// Marks the tasks that run inside a command, so that a command to the same aggregate is refused instead of waited for.
final class CommandScope: Sendable {
    @TaskLocal static var current: CommandScope?

    private let aggregate: ObjectIdentifier
    private let outer: CommandScope?
    private let isOver = Atomic(false)

    init(_ aggregate: some Actor) {
        self.aggregate = ObjectIdentifier(aggregate)
        outer = Self.current
    }

    /// Ends the scope: tasks that were started inside and live on are free again.
    func end() {
        isOver.store(true, ordering: .releasing)
    }

    /// Whether a command to an aggregate would wait for a command that waits for this task.
    static func contains(_ aggregate: some Actor) -> Bool {
        var scope = current
        while let here = scope {
            if here.aggregate == ObjectIdentifier(aggregate), !here.isOver.load(ordering: .acquiring) { return true }
            scope = here.outer
        }
        return false
    }
}
