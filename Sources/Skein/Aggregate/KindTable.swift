import Synchronization

/// The aggregate types that a bus has seen, of which no two may share a stored name.
final class KindTable: Sendable {
    private struct State {
        var kinds: [ObjectIdentifier: AggregateKind] = [:]
        var names: Set<String> = []
        /// What was asked for last; mostly it is asked for again.
        var latest: (key: ObjectIdentifier, kind: AggregateKind)?

        mutating func kind(for key: ObjectIdentifier) -> AggregateKind? {
            if let latest, latest.key == key { return latest.kind }
            guard let kind = kinds[key] else { return nil }
            latest = (key, kind)
            return kind
        }
    }

    private let state = Mutex(State())

    /// The type without its type; made when it is first asked for.
    func kind<A: Aggregate>(of type: A.Type, _ runtime: BusRuntime) throws(InvalidInput) -> AggregateKind {
        let key = ObjectIdentifier(type)
        if let kind = state.withLock({ $0.kind(for: key) }) { return kind }
        return try add(AggregateKind(type, runtime), for: key)
    }

    private func add(_ kind: AggregateKind, for key: ObjectIdentifier) throws(InvalidInput) -> AggregateKind {
        try state.withLock { state throws(InvalidInput) in
            if let kind = state.kinds[key] { return kind }
            guard state.names.insert(kind.name).inserted else {
                throw InvalidInput(field: "aggregate name", reason: "two aggregate types are called \(kind.name)")
            }
            state.kinds[key] = kind
            return kind
        }
    }
}
