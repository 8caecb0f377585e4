import Synchronization

/// The aggregate types that a bus has seen, of which no two may share a stored name.
final class KindTable: Sendable {
    private struct State {
        var kinds: [ObjectIdentifier: AggregateKind] = [:]
        var names: Set<String> = []
    }

    private let state = Mutex(State())

    /// The type without its type; made when it is first asked for.
    func kind<A: Aggregate>(of type: A.Type, _ runtime: BusRuntime) throws(InvalidInput) -> AggregateKind {
        let key = ObjectIdentifier(type)
        if let kind = state.withLock({ $0.kinds[key] }) { return kind }
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
