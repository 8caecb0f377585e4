import Skein

/// The columns of new events that say what they are, filled in one pass over the events.
struct EventArrays: Sendable {
    private(set) var name: ArrayWriter<String>
    private(set) var schemaVersion: ArrayWriter<Int32>
    private(set) var id: ArrayWriter<EventID>
    private var correlation: ArrayWriter<CorrelationID>
    private var causation: ArrayWriter<CausationID>
    private var metadata: ArrayWriter<JSONText>
    private var payload: ArrayWriter<[UInt8]>

    /// - Parameter capacity: About how many events there will be.
    init(capacity: Int) {
        name = ArrayWriter(capacity: capacity * 16)
        schemaVersion = ArrayWriter(capacity: capacity * 8)
        id = ArrayWriter(capacity: capacity * 20)
        correlation = ArrayWriter(capacity: capacity * 20)
        causation = ArrayWriter(capacity: capacity * 20)
        metadata = ArrayWriter(capacity: capacity * 4)
        payload = ArrayWriter(capacity: capacity * 64)
    }

    mutating func add(_ event: NewEvent) {
        name.append(event.name)
        schemaVersion.append(Int32(clamping: event.schemaVersion))
        id.append(event.id)
        correlation.append(event.metadata.correlationID)
        causation.append(event.metadata.causationID)
        metadata.append(MetadataText.encode(event.metadata.entries).map(JSONText.init))
        payload.append(event.payload)
    }

    /// What comes last in both statements.
    func writeRest(to parameters: inout Parameters) {
        parameters.add(correlation)
        parameters.add(causation)
        parameters.add(metadata)
        parameters.add(payload)
    }
}

/// The columns of new events that say where they belong, for when the caller knows the streams' versions.
struct PlaceArrays: Sendable {
    private(set) var aggregate: ArrayWriter<String>
    private(set) var aggregateID: ArrayWriter<String>
    private(set) var version: ArrayWriter<Int64>
    private(set) var recordedAt: ArrayWriter<Timestamp>
    private(set) var fingerprint: ArrayWriter<Int64>
    private(set) var command: ArrayWriter<CommandID>

    /// - Parameter capacity: About how many events there will be.
    init(capacity: Int) {
        aggregate = ArrayWriter(capacity: capacity * 16)
        aggregateID = ArrayWriter(capacity: capacity * 24)
        version = ArrayWriter(capacity: capacity * 12)
        recordedAt = ArrayWriter(capacity: capacity * 12)
        fingerprint = ArrayWriter(capacity: capacity * 12)
        command = ArrayWriter(capacity: capacity * 20)
    }

    mutating func add(
        _ command: CommandAppend,
        of append: StreamAppend,
        version: Int64,
        recordedAt: Timestamp
    ) {
        aggregate.append(append.stream.aggregate)
        aggregateID.append(append.stream.id)
        self.version.append(version)
        self.recordedAt.append(recordedAt)
        fingerprint.append(Int64(bitPattern: command.fingerprint))
        self.command.append(command.id)
    }
}
