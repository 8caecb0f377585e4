/// A read model in the store's own database. What its handlers write and how far it has come are committed together, so that
/// each event has its effect exactly once.
///
/// It is run by a subscription of the same name; see ``Subscription/init(_:batches:failure:timeout:)``. Its tables carry a
/// number that grows with each rebuild; readers know them by their plain names, which always show those that are up to date.
public protocol Projection<Transaction>: Sendable {
    /// The transaction of the store that the bus is used with, such as `SQLiteTransaction`.
    associatedtype Transaction: ReadModelTransaction

    /// The read model's name, unique in its store; also that of its subscription.
    var name: String { get }

    /// Grows when the tables or what is written to them change. A read model of a lower version is rebuilt when the bus runs.
    var version: Int { get }

    /// The plain names of the tables: lower-case letters, digits and underscores, up to 40, beginning with a letter.
    var tables: [String] { get }

    /// Makes the tables, empty, under the names that ``ProjectionContext/table(_:)`` gives.
    ///
    /// Names of indexes and the like must hold such a name as well, for the old tables are still there.
    func makeTables(_ context: ProjectionContext<Transaction>) throws

    /// What is done with events, for each aggregate type at most once.
    var handlers: [Project<Transaction>] { get }
}

/// A read model that can be made anew for one aggregate alone.
public protocol AggregateProjection<Transaction>: Projection {
    /// Removes what was written for an aggregate's events. They are handled again afterwards, in the same transaction.
    func removeRows(of stream: StreamID, _ context: ProjectionContext<Transaction>) throws
}

/// A transaction that can put one table in the place of another.
public protocol ReadModelTransaction {
    /// Lets readers see a table under a plain name, in place of what they have seen there.
    func show(table: String, as name: String) throws

    /// Takes away what readers see under a plain name, so that its table can be dropped; without it, it does nothing.
    func hide(_ name: String) throws

    /// Removes a table, and what belongs to it; without one it does nothing.
    func drop(table: String) throws
}

/// What a projection's handlers work with; for one call.
public struct ProjectionContext<Transaction> {
    /// The transaction that the checkpoint moves in.
    public let transaction: Transaction

    /// Whether the read model is being rebuilt, while readers still see the one before.
    public let isRebuilding: Bool

    private let generation: Int

    init(_ transaction: Transaction, generation: Int, isRebuilding: Bool) {
        self.transaction = transaction
        self.generation = generation
        self.isRebuilding = isRebuilding
    }

    /// What a table is called that readers know by a plain name.
    public func table(_ name: String) -> String { "\(name)__\(generation)" }
}

extension Projection {
    /// Throws ``InvalidInput`` for names that are no names of tables, and for handlers that share an aggregate.
    func validate() throws(InvalidInput) {
        guard version >= 1 else { throw refused("version \(version) is below 1") }
        guard !tables.isEmpty, Set(tables).count == tables.count else {
            throw refused("its tables are none or repeated")
        }
        for table in tables where !Self.isTableName(table) { throw refused("\(table) is no name for a table") }
        var seen: Set<String> = []
        for name in handlers.map(\.aggregateName) where !seen.insert(name).inserted {
            throw refused("two of its handlers are for aggregates called \(name)")
        }
        guard !seen.isEmpty else { throw refused("it handles no events") }
    }

    private func refused(_ reason: String) -> InvalidInput {
        InvalidInput(field: "projection \(name)", reason: reason)
    }

    private static func isTableName(_ name: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return (1...40).contains(name.utf8.count) && name.utf8.first.map(letters.contains) == true
            && name.utf8.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_") }
    }
}
