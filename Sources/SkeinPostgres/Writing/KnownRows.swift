import Skein

/// A group's events as the statements take them that rely on known versions, written as the group's members come in.
struct KnownRows: Sendable {
    /// Whether all members that were looked at can rely on what is known of their streams.
    private(set) var areKnown = true
    /// Each member's stream's version before.
    private(set) var versions: [Int64] = []
    /// When each member is recorded, unless it says so itself.
    private(set) var times: [Timestamp] = []
    /// The number of deletions under which the versions are known; −1 before there are any.
    private(set) var deletions: Int64 = -1

    /// How many members are in the arrays.
    private var written = 0
    private var commands = ArrayWriter<CommandID>()
    private var columns = EventArrays(capacity: 0)
    private var places = PlaceArrays(capacity: 0)

    /// Looks the versions up for the members that are new.
    mutating func learn(_ members: [PendingAppend], _ known: KnownVersions, at now: Timestamp) {
        let fresh = members[versions.count...]
        guard areKnown, !fresh.isEmpty else { return }
        let (found, deletions) = known.versions(of: fresh.lazy.map(\.append.stream))
        areKnown = versions.isEmpty || self.deletions == deletions
        self.deletions = deletions
        for (member, found) in zip(fresh, found) where areKnown {
            guard let version = Self.version(before: member, found) else {
                areKnown = false
                return
            }
            versions.append(version)
            times.append(member.append.recordedAt ?? now)
        }
    }

    /// The version of an append's stream, if the append may rely on what was found.
    private static func version(before member: PendingAppend, _ found: Int64?) -> Int64? {
        guard member.planned.isPlain, !member.append.commands.isEmpty else { return nil }
        let version: Int64
        switch member.append.expected {
        // A new stream begins with version 1, which the unique key lets in once.
        case .noStream, .exactly(0): version = 0
        case .any, .streamExists, .exactly:
            guard let found, member.append.expected.allows(found) else { return nil }
            version = found
        }
        return version.addingReportingOverflow(Int64(member.append.eventCount)).overflow ? nil : version
    }

    /// Writes the events of members whose versions are known.
    ///
    /// - Parameter capacity: About how many events there will be.
    mutating func write(_ members: [PendingAppend], capacity: Int) {
        guard areKnown, written < members.count else { return }
        if written == 0 {
            commands = ArrayWriter(capacity: capacity * 20)
            columns = EventArrays(capacity: capacity)
            places = PlaceArrays(capacity: capacity)
        }
        while written < members.count {
            let append = members[written].append
            var version = versions[written]
            for command in append.commands {
                commands.append(command.id)
                for event in command.events {
                    version += 1
                    places.add(command, of: append, version: version, recordedAt: times[written])
                    columns.add(event)
                }
            }
            written += 1
        }
    }

    /// The statement that stores the members, and its parameters.
    mutating func statement(
        for members: [PendingAppend],
        behind end: LogEnd,
        _ parameters: inout Parameters
    ) -> Statement {
        if written == 0, members.count == 1, members[0].append.commands.count == 1 {
            let command = members[0].append.commands[0]
            if command.events.count == 1 {
                addOne(command.events[0], of: command, in: members[0].append, to: &parameters)
                guard let position = end.position(under: deletions) else { return AppendStatement.single }
                parameters.add(position)
                return AppendStatement.next
            }
        }
        write(members, capacity: members.count)
        parameters.add(deletions)
        parameters.add(commands)
        parameters.add(places.aggregate)
        parameters.add(places.aggregateID)
        parameters.add(places.version)
        parameters.add(columns.name)
        parameters.add(columns.schemaVersion)
        parameters.add(places.recordedAt)
        parameters.add(places.fingerprint)
        parameters.add(columns.id)
        parameters.add(places.command)
        columns.writeRest(to: &parameters)
        return AppendStatement.optimistic
    }

    private func addOne(
        _ event: NewEvent,
        of command: CommandAppend,
        in append: StreamAppend,
        to parameters: inout Parameters
    ) {
        parameters.add(deletions)
        parameters.add(command.id)
        parameters.add(versions[0] + 1)
        parameters.add(Int64(bitPattern: command.fingerprint))
        parameters.add(times[0])
        parameters.add(event.id)
        parameters.add(Int32(clamping: event.schemaVersion))
        parameters.add(append.stream.aggregate)
        parameters.add(append.stream.id)
        parameters.add(event.name)
        parameters.add(event.metadata.correlationID)
        parameters.add(event.metadata.causationID)
        parameters.add(MetadataText.encode(event.metadata.entries).map(JSONText.init))
        parameters.add(event.payload)
    }
}
