import Skein
import Synchronization

extension BrokenStore {
    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        try await enter()
        var append = append
        append.stream = taken(append.stream)
        switch defect {
        case .ignoresExpectedVersions:
            append.expected = .any
        case .checksVersionsBeforeTheTransaction:
            guard case .exactly(let version) = append.expected, version >= 0 else { break }
            guard try await !isKnown(append), try await base.version(of: append.stream) == version else { break }
            await pause()
            append.expected = .any
        case .cachesVersionsPerHandle:
            return try await appendByCache(append)
        case .dropsOneEventOfABatch:
            guard append.eventCount > 1, let last = append.commands.indices.last else { break }
            append.commands[last].change { $0.removeLast() }
            guard case .stored(let receipt) = try await base.append(append) else { break }
            return .stored(receipt.moved(by: 1))
        case .swapsTheOrderInABatch:
            for index in append.commands.indices { append.commands[index].change { $0.reverse() } }
        case .storesPartOfARefusedAppend:
            do throws(EventStoreError) {
                return try await base.append(append)
            } catch {
                if case .duplicateEvent = error.code { await storeSingly(append) }
                throw error
            }
        case .commitsEachCommandByItself:
            return try await appendSingly(append)
        case .failsAfterAConflict:
            let fails = state.withLock { state in
                defer { state.hasConflicted = false }
                return state.hasConflicted
            }
            if fails { throw EventStoreError(.transient, "the group was rolled back") }
        case .swallowsCommitErrors:
            guard append.eventCount > 0, try await !isKnown(append) else { break }
            let count = state.withLock { state in
                state.count += 1
                return state.count
            }
            if count.isMultiple(of: 3) { return try await promise(append) }
        case .acknowledgesBeforeCommit, .losesTheLastAppendOnClosing:
            try await flush()
            if try await isKnown(append) { break }
            let promised = try await promise(append)
            state.withLock { $0.pending = append }
            return promised
        case .rollsBackWhenCancelled:
            if Task.isCancelled { throw EventStoreError(.transient, "the task was cancelled") }
        case .storesHalfWhenCancelled:
            if Task.isCancelled, append.eventCount > 1, let last = append.commands.indices.last {
                append.commands[last].change { $0.removeLast($0.count / 2) }
            }
        case .storesRepeatedCommands:
            let result = try await base.append(append)
            if case .known = result { return try await base.append(renewed(append)) }
            return result
        case .checksCommandsBeforeTheTransaction:
            if try await isKnown(append) { break }
            await pause()
            let result = try await base.append(append)
            if case .known = result { return try await base.append(renewed(append)) }
            return result
        case .recordsCommandsOutsideTheTransaction, .keepsAnswersThatCannotComeAgain:
            let known = state.withLock { state in append.commands.compactMap { state.known[$0.id] } }
            if !known.isEmpty { return .known(known) }
            if defect == .keepsAnswersThatCannotComeAgain { remember(append) { $0.events.isEmpty } }
        case .forgetsAnswers:
            for index in append.commands.indices where append.commands[index].events.isEmpty {
                append.commands[index].fingerprint = 0
            }
        case .normalisesPayloads:
            append.changeEvents { $0.payload.removeAll { $0 == UInt8(ascii: " ") } }
        case .replacesEventIDs:
            for index in append.commands.indices {
                let id = append.commands[index].id
                append.commands[index].change { events in
                    for ordinal in events.indices { events[ordinal].id = EventID(command: id, ordinal: ordinal) }
                }
            }
        case .losesCausation:
            append.changeEvents { $0.metadata.causationID = nil }
        case .ignoresTheTimeOfImports:
            append.recordedAt = nil
        default: break
        }
        do throws(EventStoreError) {
            return shown(try await base.append(append))
        } catch {
            if case .conflict = error.code {
                state.withLock { $0.hasConflicted = true }
                if defect == .recordsCommandsOutsideTheTransaction { remember(append) { _ in true } }
            }
            throw error
        }
    }

    /// Lets others in between looking and storing.
    private func pause() async {
        for _ in 0..<20 { await Task.yield() }
    }

    private func isKnown(_ append: StreamAppend) async throws(EventStoreError) -> Bool {
        for command in append.commands where try await base.outcome(of: command.id) != nil { return true }
        return false
    }

    /// The receipt that an append would get, without storing it.
    private func promise(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        do { try append.validate(limits: limits) } catch { throw EventStoreError(error) }
        let version = try await base.version(of: append.stream)
        try append.expected.check(version)
        for event in append.events where try await base.log(has: event.id) {
            throw EventStoreError(.duplicateEvent(event.id), "the event is stored already")
        }
        let time = append.recordedAt ?? SystemTime().now()
        let receipt = AppendReceipt(version: version, position: try await base.head(), recordedAt: time)
        return .stored(receipt.moved(by: Int64(append.eventCount)))
    }

    private func appendByCache(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        var append = append
        if let cached = state.withLock({ $0.versions[append.stream] }), append.expected.allows(cached) {
            append.expected = .any
        }
        let result = try await base.append(append)
        if case .stored(let receipt) = result {
            state.withLock { $0.versions[append.stream] = receipt.version }
        }
        return result
    }

    private func appendSingly(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        guard append.commands.count > 1 else { return try await base.append(append) }
        do { try append.validate(limits: limits) } catch { throw EventStoreError(error) }
        var part = append
        var result: AppendResult?
        for command in append.commands {
            part.commands = [command]
            let next = try await base.append(part)
            if case .known = next { return next }
            part.expected = .any
            result = next
        }
        if let result { return result }
        return try await base.append(append)
    }

    private func storeSingly(_ append: StreamAppend) async {
        for event in append.events {
            let command = CommandAppend(id: CommandID(event.id), outcome: .events([event]))
            do throws(EventStoreError) {
                _ = try await base.append(StreamAppend(stream: append.stream, commands: [command]))
            } catch { return }
        }
    }

    private func remember(_ append: StreamAppend, where isKept: (CommandAppend) -> Bool) {
        for command in append.commands where isKept(command) {
            let known = KnownCommand(
                id: command.id,
                stream: append.stream,
                fingerprint: command.fingerprint,
                version: 0,
                position: 0,
                recordedAt: Timestamp(microseconds: 0),
                outcome: .nothing
            )
            state.withLock { $0.known[command.id] = known }
        }
    }

    /// The same append, as if its commands had never been seen.
    private func renewed(_ append: StreamAppend) -> StreamAppend {
        var renewed = append
        renewed.expected = .any
        for index in renewed.commands.indices {
            let id = CommandID(high: renewed.commands[index].id.low, low: renewed.commands[index].id.high &+ 1)
            renewed.commands[index].id = id
            renewed.commands[index].change { events in
                for ordinal in events.indices { events[ordinal].id = EventID(command: id, ordinal: ordinal) }
            }
        }
        return renewed
    }

    private func shown(_ result: AppendResult) -> AppendResult {
        switch result {
        case .stored(let receipt):
            .stored(
                AppendReceipt(
                    version: receipt.version,
                    position: shown(receipt.position),
                    recordedAt: receipt.recordedAt
                )
            )
        case .known: result
        }
    }
}

extension AppendReceipt {
    fileprivate func moved(by count: Int64) -> AppendReceipt {
        AppendReceipt(version: version + count, position: position + count, recordedAt: recordedAt)
    }
}

extension CommandAppend {
    fileprivate mutating func change(_ body: (inout [NewEvent]) -> Void) {
        guard case .events(var events) = outcome, !events.isEmpty else { return }
        body(&events)
        outcome = .events(events)
    }
}

extension StreamAppend {
    fileprivate mutating func changeEvents(_ body: (inout NewEvent) -> Void) {
        for index in commands.indices {
            commands[index].change { events in
                for ordinal in events.indices { body(&events[ordinal]) }
            }
        }
    }
}

extension EventStore {
    fileprivate func log(has id: EventID) async throws(EventStoreError) -> Bool {
        let page = try await readLog(from: 0, direction: .forward, filter: .all, limit: limits.pageSize)
        return page.events.contains { $0.id == id }
    }
}
