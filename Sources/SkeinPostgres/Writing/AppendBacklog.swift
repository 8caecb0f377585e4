import Skein

/// The appends that come after the group that is being stored.
struct AppendBacklog: Sendable {
    /// The group that goes next.
    var next = OutgoingGroup()

    /// What shares something with one of both groups, in order.
    private var later: [PendingAppend] = []

    /// What runs something in its transaction, and so goes by itself.
    private var running: [PendingAppend] = []

    init(_ appends: [PendingAppend] = []) {
        add(appends)
    }

    /// Whether more may be taken in. What must wait is not to become much: there it does not count as waiting.
    var hasRoom: Bool { later.isEmpty && running.isEmpty }

    /// Takes appends in, beside a group that is being stored.
    mutating func add(_ appends: [PendingAppend], beside current: AppendGroup = AppendGroup()) {
        for append in appends {
            if append.body != nil {
                running.append(append)
            } else if !current.isDisjoint(with: append) || !next.add(append) {
                later.append(append)
            }
        }
    }

    /// What runs something, in order. They are under way at the same time as the others, so that any order will do.
    mutating func takeRunning() -> [PendingAppend] {
        defer { running = [] }
        return running
    }

    /// The next group, once none is being stored any more.
    mutating func takeNext() -> OutgoingGroup? {
        let waiting = later
        later = []
        add(waiting)
        guard !next.members.isEmpty else { return nil }
        defer { next = OutgoingGroup(capacity: next.members.count) }
        return next
    }
}
