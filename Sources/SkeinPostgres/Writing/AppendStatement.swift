import Skein

/// The statements that store a group of appends, each in one round trip and one commit.
package enum AppendStatement {
    /// Relies on the unique keys, for appends whose streams' versions are known. No row: a stream was deleted meanwhile,
    /// or one of the commands is known, and nothing is stored.
    package static let optimistic = Statement(
        "skein_append",
        """
        SELECT base, stored
        FROM append_known($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        """
    )

    /// The same for a single event, without arrays to take apart and with one statement less inside. The events are read
    /// nowhere but in the function: the outer statement's snapshot may be older than the lock.
    package static let single = Statement(
        "skein_append_one",
        """
        INSERT INTO events (
            position, version, fingerprint, recorded_at, id, command, schema_version, aggregate, aggregate_id, name,
            correlation, causation, metadata, payload
        )
        SELECT t.base + 1, $3, $4, $5, $6, $2, $7, $8, $9, $10, $11, $12, $13, $14
        FROM (SELECT take_turn($1, $2) AS base OFFSET 0) AS t
        WHERE t.base IS NOT NULL
        RETURNING position - 1, 1::bigint
        """
    )

    /// The same behind a position that is taken to be the log's end. If it is not, the unique key on positions says so: while
    /// head is locked, nobody else can be about to write there.
    ///
    /// An id that the sender did not choose is no other command's, so that the statement's snapshot will do. OFFSET keeps the
    /// look-up from being done before the lock is there.
    package static let next = Statement(
        "skein_append_next",
        """
        INSERT INTO events (
            position, version, fingerprint, recorded_at, id, command, schema_version, aggregate, aggregate_id, name,
            correlation, causation, metadata, payload
        )
        SELECT $15::bigint + 1, $3, $4, $5, $6, $2, $7, $8, $9, $10, $11, $12, $13, $14
        FROM (SELECT FROM head WHERE deletions = $1 OFFSET 0 FOR UPDATE) AS turn
        WHERE CASE $4::bigint WHEN 0 THEN NOT EXISTS (SELECT FROM commands WHERE id = $2) ELSE NOT is_kept($2) END
        RETURNING position - 1, 1::bigint
        """
    )

    /// Decides for each append by itself.
    package static let checked = Statement(
        "skein_append_checked",
        """
        SELECT status, version, position, event FROM append_events(
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19
        ) ORDER BY append
        """
    )
}

/// A command of a group, and where it stands.
private struct GroupedCommand {
    /// The number of its append, from 1.
    let index: Int32
    let append: StreamAppend
    let command: CommandAppend
}

extension AppendGroup {
    private func forEachCommand(_ body: (GroupedCommand) -> Void) {
        for (index, member) in zip(Int32(1)..., members) {
            for command in member.append.commands {
                body(GroupedCommand(index: index, append: member.append, command: command))
            }
        }
    }

    /// The parameters of ``AppendStatement/checked``.
    func writeChecked(to parameters: inout Parameters, at now: Timestamp) {
        parameters.addArray(members.lazy.map(\.append.stream.aggregate))
        parameters.addArray(members.lazy.map(\.append.stream.id))
        parameters.addArray(members.lazy.map(\.append.expected.number))
        parameters.addArray(of: Int32.self) { array in forEachCommand { array.append($0.index) } }
        parameters.addArray(of: CommandID.self) { array in forEachCommand { array.append($0.command.id) } }
        parameters.addArray(of: EventID.self) { array in
            forEachCommand { array.append(EventID(command: $0.command.id, ordinal: 0)) }
        }
        parameters.addArray(of: Int64.self) { array in
            forEachCommand { array.append(Int64(bitPattern: $0.command.fingerprint)) }
        }
        parameters.addArray(of: Int32.self) { array in
            forEachCommand { array.append(Int32(clamping: $0.command.events.count)) }
        }
        parameters.addArray(of: Bool.self) { array in
            forEachCommand { array.append($0.command.keepsOutcome) }
        }
        parameters.addArray(of: Timestamp.self) { array in
            forEachCommand { array.append($0.append.recordedAt ?? now) }
        }
        parameters.addArray(of: [UInt8].self) { array in
            forEachCommand {
                if case .rejection(let bytes) = $0.command.outcome { array.append(bytes) } else { array.append(nil) }
            }
        }
        var numbers = ArrayWriter<Int32>()
        var columns = EventArrays(capacity: members.count)
        var number: Int32 = 0
        for member in members {
            for command in member.append.commands {
                number += 1
                for event in command.events {
                    numbers.append(number)
                    columns.add(event)
                }
            }
        }
        parameters.add(numbers)
        parameters.add(columns.name)
        parameters.add(columns.schemaVersion)
        parameters.add(columns.id)
        columns.writeRest(to: &parameters)
    }
}

extension ExpectedVersion {
    /// As the schema's functions take it: −1 for any version, −2 for an existing stream.
    var number: Int64 {
        switch self {
        case .any: -1
        case .noStream: 0
        case .streamExists: -2
        case .exactly(let version): version
        }
    }
}
