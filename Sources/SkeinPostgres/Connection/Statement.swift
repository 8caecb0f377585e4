/// An SQL statement that each connection prepares when it first runs it. The text identifies it.
package struct Statement: Hashable, Sendable {
    /// The name under which it is prepared.
    package let name: String

    package let sql: String

    init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }

    package static func == (left: Statement, right: Statement) -> Bool { left.name == right.name }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
