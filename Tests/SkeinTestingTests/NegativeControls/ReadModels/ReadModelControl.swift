import Testing

/// What keeps and rebuilds the read model of a ``ReadModelScenario``: the bus, a plain keeper that is right, and what must
/// be caught.
enum ReadModelControl: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case bus, plain

    /// Lets readers see new tables after their first page.
    case switchesTooEarly
    /// Lets the keeper of the old tables go on while the new ones take their place.
    case switchesUnfenced
    /// Fills new tables from the writers' head on.
    case beginsAtTheHead
    /// Lets readers see new tables, and goes on behind the old ones' last event.
    case keepsTheOldCheckpoint
    /// Empties the tables that readers see, and fills them again.
    case rebuildsInPlace
    /// Moves the checkpoint, and writes in another transaction.
    case writesBesideTheMove

    var isRight: Bool { self == .bus || self == .plain }
    /// Whether only readers can tell, while it is wrong: in the end, or after the next rebuild, the tables are right.
    var isRightInTheEnd: Bool { self == .rebuildsInPlace || self == .switchesUnfenced }
    var testDescription: String { rawValue }
}
