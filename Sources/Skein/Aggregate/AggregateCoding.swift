/// How one aggregate type's events and states are written and read.
final class AggregateCoding<A: Aggregate>: Sendable {
    let coder: any EventCoder
    let codec: EventCodec<A.Event>
    let schemaVersion: Int
    let snapshots: SnapshotCoding<A>?
    let limits: EventStoreLimits

    init(_ runtime: BusRuntime) {
        coder = runtime.configuration.coder
        codec = coder.codec(for: A.Event.self)
        schemaVersion = A.Event.schemaVersion
        snapshots = SnapshotCoding(coder)
        limits = runtime.limits
    }
}

/// An aggregate type as the bus sees it, without its type.
@usableFromInline
final class AggregateKind: Sendable {
    /// When and under which version snapshots are taken.
    struct SnapshotRule: Sendable {
        let shapeVersion: Int
        let interval: Int64

        /// Whether a snapshot is due, after events moved the version from one value to another.
        func isDue(from before: Int64, to after: Int64) -> Bool {
            before / interval != after / interval
        }
    }

    /// The stored name of the type.
    let name: String
    let snapshotRule: SnapshotRule?
    let makeState: @Sendable () -> any AggregateState

    init<A: Aggregate>(_ type: A.Type, _ runtime: BusRuntime) {
        let coding = AggregateCoding<A>(runtime)
        name = type.aggregateName
        snapshotRule = coding.snapshots?.rule
        makeState = { TypedState(coding) }
    }
}
