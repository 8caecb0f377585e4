import Skein

extension PostgresConnection {
    /// What commands came to; unknown ones are left out.
    func outcomes(of commands: [CommandID], until deadline: Deadline) throws -> [CommandID: KnownCommand] {
        var parameters = Parameters()
        parameters.addArray(commands)
        parameters.addArray(commands.lazy.map { EventID(command: $0, ordinal: 0) })
        let rows = try run(ReadStatement.outcomes, parameters, until: deadline)
        var known: [CommandID: KnownCommand] = [:]
        var row = 0
        while row < rows.count {
            guard let command = rows.id(row, 0, as: CommandID.self) else {
                throw EventStoreError(.corrupt, "the id of a command is damaged")
            }
            let first = row
            var events: [StoredEvent] = []
            while row < rows.count, rows.id(row, 0) == command {
                if rows.boolean(row, 8) == true { events.append(try EventColumns(first: 9).event(rows, row)) }
                row += 1
            }
            known[command] = try outcome(of: command, rows, first, events)
        }
        return known
    }

    private func outcome(
        of command: CommandID,
        _ rows: borrowing Rows,
        _ row: Int,
        _ events: [StoredEvent]
    ) throws -> KnownCommand? {
        guard !rows.isNull(row, 1) else {
            return events.first.map { KnownCommand(id: command, events: events, first: $0) }
        }
        guard
            let fingerprint = rows.integer(row, 1), let version = rows.integer(row, 2),
            let position = rows.integer(row, 3), let recordedAt = rows.timestamp(row, 4),
            let aggregate = rows.text(row, 5), let id = rows.text(row, 6)
        else { throw EventStoreError(.corrupt, "the command \(command) is damaged in the table commands") }
        let outcome: KnownCommand.Outcome =
            if !events.isEmpty {
                .events(events)
            } else if let rejection = rows.bytes(row, 7) {
                .rejection(rejection)
            } else {
                .nothing
            }
        return KnownCommand(
            id: command,
            stream: StreamID(aggregate: aggregate, id: id),
            fingerprint: UInt64(bitPattern: fingerprint),
            version: version,
            position: position,
            recordedAt: recordedAt,
            outcome: outcome
        )
    }
}
