import Skein

/// The columns of an event as they stand in a result, from a first column on.
struct EventColumns {
    /// What to select, from the table `events` named `e`.
    static let sql = """
        e.position, e.version, e.fingerprint, e.recorded_at, e.id, e.command, e.schema_version, e.aggregate,
        e.aggregate_id, e.name, e.correlation, e.causation, e.metadata, e.payload
        """

    /// The same for a stream whose name is known, which need not be sent with each event.
    static let sqlOfKnownStream = """
        e.position, e.version, e.fingerprint, e.recorded_at, e.id, e.command, e.schema_version, NULL, NULL, e.name,
        e.correlation, e.causation, e.metadata, e.payload
        """

    /// Names for the same columns where others have the plain ones.
    static let names = """
        e_position, e_version, e_fingerprint, e_recorded_at, e_id, e_command, e_schema_version, e_aggregate,
        e_aggregate_id, e_name, e_correlation, e_causation, e_metadata, e_payload
        """

    let first: Int32

    func event(_ rows: borrowing Rows, _ row: Int, in known: StreamID? = nil) throws(EventStoreError) -> StoredEvent {
        guard let position = rows.integer(row, first), position > 0 else {
            throw EventStoreError(.corrupt, "an event has no position")
        }
        guard let version = rows.integer(row, first + 1), version > 0 else { throw damaged(position, "its version") }
        guard let fingerprint = rows.integer(row, first + 2) else { throw damaged(position, "its fingerprint") }
        guard let recordedAt = rows.timestamp(row, first + 3) else { throw damaged(position, "its time") }
        guard let id = rows.id(row, first + 4, as: EventID.self) else { throw damaged(position, "its id") }
        guard let command = rows.id(row, first + 5, as: CommandID.self) else {
            throw damaged(position, "its command id")
        }
        guard let schema = rows.smallInteger(row, first + 6), schema > 0 else {
            throw damaged(position, "its schema version")
        }
        guard let name = rows.text(row, first + 9) else { throw damaged(position, "its name") }
        guard let payload = rows.bytes(row, first + 13) else { throw damaged(position, "its payload") }
        let stream = if let known { known } else { try self.stream(rows, row, position) }
        return StoredEvent(
            position: position,
            stream: stream,
            version: version,
            id: id,
            name: name,
            schemaVersion: Int(schema),
            payload: payload,
            metadata: EventMetadata(
                correlationID: rows.id(row, first + 10),
                causationID: rows.id(row, first + 11),
                entries: try entries(rows, row, position)
            ),
            commandID: command,
            commandFingerprint: UInt64(bitPattern: fingerprint),
            recordedAt: recordedAt
        )
    }

    private func stream(_ rows: borrowing Rows, _ row: Int, _ position: Int64) throws(EventStoreError) -> StreamID {
        guard let aggregate = rows.text(row, first + 7), let id = rows.text(row, first + 8) else {
            throw damaged(position, "its stream's name")
        }
        return StreamID(aggregate: aggregate, id: id)
    }

    private func entries(
        _ rows: borrowing Rows,
        _ row: Int,
        _ position: Int64
    ) throws(EventStoreError) -> [String: String] {
        guard !rows.isNull(row, first + 12) else { return [:] }
        if let entries = rows.withBytes(row, first + 12, PlainMetadata.decode) { return entries }
        guard let text = rows.text(row, first + 12), let entries = MetadataText.decode(text) else {
            throw damaged(position, "its metadata")
        }
        return entries
    }

    private func damaged(_ position: Int64, _ field: String) -> EventStoreError {
        EventStoreError(.corrupt, "the event at position \(position) cannot be read: \(field) is damaged")
    }
}
