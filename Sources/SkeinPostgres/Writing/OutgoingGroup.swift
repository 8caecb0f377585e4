import Skein

/// A group on its way to the server, with what is written of it already.
struct OutgoingGroup: Sendable {
    private(set) var group: AppendGroup
    private(set) var bytes = 0
    var rows = KnownRows()

    /// - Parameter capacity: About how many members there will be.
    init(capacity: Int = 0) {
        group = AppendGroup(capacity: capacity)
    }

    var members: [PendingAppend] { group.members }

    /// Takes an append in; false if it shares something with one that is in already.
    mutating func add(_ append: PendingAppend) -> Bool {
        guard group.add(append) else { return false }
        bytes += append.bytes
        return true
    }
}
