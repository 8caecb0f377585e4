/// An aggregate whose state is saved now and then, so that a long stream need not be read from its beginning.
public protocol SnapshottableAggregate: Aggregate, Codable {
    /// The version of the state's shape. Raise it with each change: older snapshots are then ignored, not decoded.
    static var snapshotVersion: Int { get }

    /// After how many events a snapshot is taken; the state is encoded each time.
    static var snapshotInterval: Int { get }
}

extension SnapshottableAggregate {
    /// The first version.
    public static var snapshotVersion: Int { 1 }

    /// A hundred events.
    public static var snapshotInterval: Int { 100 }
}
