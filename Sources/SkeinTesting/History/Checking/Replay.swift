public import Skein

/// The states of all aggregates of a type at all their versions, made from the log.
struct Replay<A: Aggregate>: Sendable {
    /// One aggregate.
    struct Stream: Sendable {
        /// The index in ``CheckedRun/streams``.
        let index: Int
        let id: StreamID
        /// The event that leads to a version, at the version less one.
        var events: [A.Event] = []
        /// The state at each version.
        var states: [A] = [A()]
        /// Why it could not be replayed further.
        var problem: Violation?

        /// The version up to which the stream was replayed.
        var version: Int64 { Int64(events.count) }
    }

    private(set) var streams: [Stream] = []

    init(_ run: CheckedRun) {
        let name = A.aggregateName
        for (index, id) in run.streams.enumerated() where id.aggregate == name {
            var stream = Stream(index: index, id: id)
            for place in run.streamEvents[index] {
                let stored = run.log[place]
                do throws(EventCodingError) {
                    let event = try run.decoding.decode(stored, as: A.Event.self)
                    stream.events.append(event)
                    var state = stream.states[stream.states.count - 1]
                    state.apply(event)
                    stream.states.append(state)
                } catch {
                    stream.problem = Violation(.undecodable, "\(id): \(error)", positions: [stored.position])
                    break
                }
            }
            streams.append(stream)
        }
    }
}

extension CheckedRun {
    /// The replay of a type; it is made once for all checks.
    func replay<A: Aggregate>(of type: A.Type) -> Replay<A> {
        let key = ObjectIdentifier(type)
        if let known = replays[key] as? Replay<A> { return known }
        let replay = Replay<A>(self)
        replays[key] = replay
        return replay
    }

    /// The last state of each aggregate of a type, for checks of one's own.
    public func finalStates<A: Aggregate>(of type: A.Type) -> [AggregateID<A>: A] {
        var states: [AggregateID<A>: A] = [:]
        for stream in replay(of: type).streams { states[AggregateID(stream.id.id)] = stream.states.last }
        return states
    }
}
