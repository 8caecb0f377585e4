/// What a ``Projection`` does with the events of one aggregate type.
public struct Project<Transaction>: Sendable {
    typealias Write = @Sendable (ProjectionContext<Transaction>) throws -> Void

    let aggregateName: String
    /// The stored names of the events that are wanted; empty for all.
    let eventNames: Set<String>
    /// Decodes events, so that the transaction need not wait for that, and tells what is to be written for them.
    let bind: @Sendable (any EventCoder) -> @Sendable (ArraySlice<StoredEvent>) throws -> Write

    /// Writes for one event after the other; without names of events, for all of them.
    ///
    /// The closure runs inside the transaction, on a thread that may block. It must do nothing that a rollback does not undo:
    /// it may be run again. Commands cannot be sent from there.
    public init<A: Aggregate>(
        _ type: A.Type,
        events: String...,
        write: @escaping @Sendable (RecordedEvent<A>, ProjectionContext<Transaction>) throws -> Void
    ) {
        self.init(type, events) { events, context in
            for event in events { try write(event, context) }
        }
    }

    /// Writes for several events at once, which cost a database less than one by one.
    public static func batch<A: Aggregate>(
        _ type: A.Type,
        events: String...,
        write: @escaping @Sendable ([RecordedEvent<A>], ProjectionContext<Transaction>) throws -> Void
    ) -> Project {
        Project(type, events, write)
    }

    private init<A: Aggregate>(
        _ type: A.Type,
        _ events: [String],
        _ write: @escaping @Sendable ([RecordedEvent<A>], ProjectionContext<Transaction>) throws -> Void
    ) {
        aggregateName = type.aggregateName
        eventNames = Set(events)
        bind = { coder in
            let codec = coder.codec(for: A.Event.self)
            return { stored in
                var events: [RecordedEvent<A>] = []
                events.reserveCapacity(stored.count)
                for event in stored { events.append(RecordedEvent(try codec.decode(event), from: event)) }
                let decoded = events
                return { context in try write(decoded, context) }
            }
        }
    }
}
