public import Skein

/// Events of one aggregate for ``GivenEvents``, as one command would have stored them.
public struct Recorded: Sendable {
    private let stream: StreamID
    private let metadata: EventMetadata?
    private let recordedAt: Timestamp?
    private let encode: @Sendable (any EventCoder, inout [Finding]) -> [NewEvent]

    /// Events that have happened to an aggregate.
    ///
    /// - Parameters:
    ///   - events: What has happened, in this order.
    ///   - id: The aggregate.
    ///   - metadata: What the events carry; nil takes what a bus fills in, an own correlation for each `Recorded`.
    ///   - recordedAt: When they were stored; nil takes one second after the events before.
    public init<A: Aggregate>(
        _ events: A.Event...,
        of id: AggregateID<A>,
        metadata: EventMetadata? = nil,
        at recordedAt: Timestamp? = nil
    ) {
        self.init(events: events, of: id, metadata: metadata, at: recordedAt)
    }

    /// Events that have happened to an aggregate.
    public init<A: Aggregate>(
        events: [A.Event],
        of id: AggregateID<A>,
        metadata: EventMetadata? = nil,
        at recordedAt: Timestamp? = nil
    ) {
        stream = id.stream
        self.metadata = metadata
        self.recordedAt = recordedAt
        encode = { coder, findings in
            let coding = CodingCheck<A>(coder)
            return events.compactMap { event in
                let (stored, _, finding) = coding.event(event)
                if let finding { findings.append(finding) }
                return stored
            }
        }
    }

    /// The events as they go into the store, as the append with this number, and what is wrong with their coding.
    func append(_ number: Int, _ coder: any EventCoder) -> (append: StreamAppend, findings: [Finding]) {
        var findings: [Finding] = []
        let command = CommandID(high: 0, low: UInt64(number))
        let own = EventMetadata(correlationID: CorrelationID(command), causationID: CausationID(command))
        let events = encode(coder, &findings).enumerated().map { ordinal, event in
            var event = event
            event.id = EventID(command: command, ordinal: ordinal)
            event.metadata = metadata ?? own
            return event
        }
        let append = StreamAppend(
            stream: stream,
            commands: events.isEmpty ? [] : [CommandAppend(id: command, outcome: .events(events))],
            recordedAt: recordedAt ?? Timestamp(microseconds: 1_700_000_000_000_000 + Int64(number) * 1_000_000)
        )
        return (append, findings)
    }
}

/// Lists the events of ``GivenEvents``.
@resultBuilder
public enum RecordedBuilder: ListBuilder {
    /// Events of one aggregate.
    public typealias Element = Recorded
}
