import Skein

/// A row of the table skein_events, as long as the statement stands on it.
struct EventRow {
    private let row: PreparedStatement
    let position: Int64
    let stream: Int64
    let name: String

    init(_ row: PreparedStatement) throws {
        guard let position = row.integer(0) else {
            throw EventStoreError(.corrupt, "an event has no position")
        }
        guard let stream = row.integer(1) else { throw Self.damaged(position, "its stream is missing") }
        guard let name = row.text(3) else { throw Self.damaged(position, "its name is damaged") }
        self.row = row
        self.position = position
        self.stream = stream
        self.name = name
    }

    func event(in stream: StreamID) throws -> StoredEvent {
        guard position > 0 else { throw damaged("its position") }
        guard let version = row.integer(2), version > 0 else { throw damaged("its version") }
        guard let schema = row.integer(4), let schema = Int32(exactly: schema), schema > 0 else {
            throw damaged("its schema version")
        }
        guard let recordedAt = row.integer(5) else { throw damaged("its time") }
        guard let fingerprint = row.integer(6) else { throw damaged("its fingerprint") }
        guard let id = row.id(7, as: EventID.self) else { throw damaged("its id") }
        guard let command = row.id(8, as: CommandID.self) else { throw damaged("its command id") }
        guard let payload = row.bytes(12) else { throw damaged("its payload") }
        return StoredEvent(
            position: position,
            stream: stream,
            version: version,
            id: id,
            name: name,
            schemaVersion: Int(schema),
            payload: payload,
            metadata: EventMetadata(
                correlationID: try optionalID(9, "its correlation id"),
                causationID: try optionalID(10, "its causation id"),
                entries: try entries()
            ),
            commandID: command,
            commandFingerprint: UInt64(bitPattern: fingerprint),
            recordedAt: Timestamp(microseconds: recordedAt)
        )
    }

    private func optionalID<Kind>(_ column: Int32, _ field: String) throws -> UniqueID<Kind>? {
        if let id = row.id(column, as: UniqueID<Kind>.self) { return id }
        guard row.isNull(column) else { throw damaged(field) }
        return nil
    }

    private func entries() throws -> [String: String] {
        guard !row.isNull(11) else { return [:] }
        guard let text = row.text(11), let entries = MetadataText.decode(text) else { throw damaged("its metadata") }
        return entries
    }

    private func damaged(_ field: String) -> EventStoreError {
        Self.damaged(position, "\(field) is damaged")
    }

    static func damaged(_ position: Int64, _ reason: String) -> EventStoreError {
        EventStoreError(.corrupt, "the event at position \(position) cannot be read: \(reason)")
    }
}
