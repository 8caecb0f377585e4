/// The statements that bodies have run over a connection and that it keeps prepared, by their text; the ones that were not
/// used for longest make room.
struct LentStatements {
    private struct Entry {
        let name: String
        /// The types of the parameters; nil where only NULL was seen, whose type the server has inferred.
        let types: [UInt32?]
        var lastUse: Int
    }

    static let limit = 128

    private var entries: [String: Entry] = [:]
    private var uses = 0
    /// Names that are prepared still and that nobody uses any more.
    private var left: [String] = []

    /// The name under which a text is prepared for parameters of these types; nil if it is not.
    mutating func name(of sql: String, _ types: [UInt32?]) -> String? {
        guard let entry = entries[sql], entry.types.count == types.count else { return nil }
        for (known, wanted) in zip(entry.types, types) {
            guard wanted == nil || (known ?? 0) == wanted else { return nil }
        }
        uses += 1
        entries[sql]?.lastUse = uses
        return entry.name
    }

    /// What to prepare a text as: a name that none had before, and the types that are known by now.
    func plan(_ sql: String, _ types: [UInt32?]) -> (name: String, types: [UInt32?]) {
        let known = entries[sql]?.types ?? []
        let merged = types.enumerated().map { index, type in
            type ?? (known.indices.contains(index) ? known[index] : nil)
        }
        return ("lent_\(uses)", merged)
    }

    mutating func add(_ sql: String, as plan: (name: String, types: [UInt32?])) {
        forget(sql)
        if entries.count >= Self.limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            forget(oldest.key)
        }
        uses += 1
        entries[sql] = Entry(name: plan.name, types: plan.types, lastUse: uses)
    }

    /// Stops using what is prepared for a text.
    mutating func forget(_ sql: String) {
        guard let entry = entries.removeValue(forKey: sql) else { return }
        left.append(entry.name)
    }

    /// The names to take back from the server, which are forgotten here.
    mutating func takeLeft() -> [String] {
        defer { left = [] }
        return left
    }
}
