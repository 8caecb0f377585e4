/// An SQL statement that each connection prepares when it first runs it. The text identifies it.
struct Statement: Hashable, Sendable {
    /// The name under which it is prepared.
    let name: String

    let sql: String

    init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }

    static func == (left: Statement, right: Statement) -> Bool { left.name == right.name }

    func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
