/// How an aggregate type's snapshots are written and read; exists only for types that want them.
struct SnapshotCoding<A: Aggregate>: Sendable {
    let rule: AggregateKind.SnapshotRule
    let encode: @Sendable (A) throws(EventCodingError) -> [UInt8]
    let decode: @Sendable ([UInt8]) throws(EventCodingError) -> A

    init?(_ coder: any EventCoder) {
        guard let type = A.self as? any SnapshottableAggregate.Type else { return nil }
        self.init(type, coder)
    }

    private init?<S: SnapshottableAggregate>(_ type: S.Type, _ coder: any EventCoder) {
        rule = AggregateKind.SnapshotRule(
            shapeVersion: type.snapshotVersion,
            interval: Int64(max(1, type.snapshotInterval))
        )
        encode = { state throws(EventCodingError) in
            guard let state = state as? S else { throw Self.mismatch }
            return try coder.encode(state)
        }
        decode = { bytes throws(EventCodingError) in
            guard let state = try coder.decode(S.self, from: bytes) as? A else { throw Self.mismatch }
            return state
        }
    }

    // The casts are between a type and itself, so this is never seen.
    private static var mismatch: EventCodingError {
        EventCodingError(.undecodable, name: A.aggregateName, reason: "the state has another type")
    }
}
