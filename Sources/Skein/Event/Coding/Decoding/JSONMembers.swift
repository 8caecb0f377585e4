/// The members of an object that has too many to search through.
struct JSONMembers {
    /// The keys in their order, each once.
    private(set) var keys: [String] = []

    /// The nodes of the values.
    private(set) var values: [String: Int32] = [:]

    /// Adds a member, unless there is one with its key already.
    mutating func add(_ key: String, at node: Int32) {
        guard values[key] == nil else { return }
        values[key] = node
        keys.append(key)
    }
}
