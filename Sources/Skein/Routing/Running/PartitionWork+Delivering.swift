extension PartitionWork {
    /// Delivers what is wanted of a page, one by one or in batches.
    ///
    /// A batch that fails comes again as its first half, and so on down to the event that it fails on; then the batches grow
    /// again. Nothing that was handled for good is handled again.
    func deliver(_ page: LogPage) async throws(RunEnd) {
        let full = subscription.batches?.count ?? 1
        var rest = page.events.filter { partition.contains($0.stream) && target.takes($0) }[...]
        var size = full
        while let first = rest.first {
            guard !calls.mustEnd, state.wishCount == wishesSeen else { return }
            guard !parked.contains(first.stream) else {
                try await wait(first)
                rest.removeFirst()
                continue
            }
            let isCareful = first.position <= carefulThrough
            let events = chunk(of: rest, isCareful ? 1 : size)
            let attempts = isCareful ? begun[first.position, default: 0] + 1 : 1
            guard attempts <= subscription.failure.retry.retries + 1 else {
                try await giveUp(first, attempts - 1, .handler(HandlerDidNotReturn(attempts: attempts - 1), handled: 0))
                rest.removeFirst()
                continue
            }
            if let failure = try await handle(events, attempts) {
                let handled = failure.handled
                if handled > 0 { advance(to: rest[rest.startIndex + handled - 1].position, handling: handled) }
                rest.removeFirst(handled)
                guard events.count - handled == 1, let bad = rest.first else {
                    size = max(1, (events.count - handled) / 2)
                    continue
                }
                try await settle(bad, attempts, failure)
                rest.removeFirst()
            } else {
                rest.removeFirst(events.count)
            }
            size = min(full, size * 2)
            try await saveIfDue()
        }
        if page.scannedThrough > position { advance(to: page.scannedThrough, handling: 0) }
    }

    /// The first events, up to one that has to wait.
    private func chunk(of rest: ArraySlice<StoredEvent>, _ size: Int) -> ArraySlice<StoredEvent> {
        let events = rest.prefix(size)
        guard size > 1, !parked.isEmpty else { return events }
        return events.prefix { !parked.contains($0.stream) }
    }

    /// Hands events over and goes on behind them; returns what went wrong.
    func handle(_ events: ArraySlice<StoredEvent>, _ attempts: Int) async throws(RunEnd) -> DeliveryFailure? {
        guard let first = events.first, let last = events.last else { return nil }
        if saved != nil, last.position > window.end { try await save(reaching: last.position) }
        let isCareful = first.position <= carefulThrough
        var forget: [NoteChange] = []
        if isCareful {
            try await record(attempts, of: first)
            forget = [AttemptNote.drop(at: first.position)]
        }
        if let failure = try await attempt(events, attempts, to: last.position, changing: forget) { return failure }
        if isCareful { begun[first.position] = nil }
        advance(to: last.position, handling: events.count)
        return nil
    }

    /// Makes sure that the partition is still owned, if the lease should have been renewed long ago.
    ///
    /// Whoever was stopped or starved for longer than its lease asks before it handles another event, and again if it was
    /// stopped while it asked.
    private func confirm() async throws(RunEnd) {
        guard let saved else { return }
        while now >= watch.end {
            guard !Task.isCancelled else { throw .interrupted }
            let asked = now
            let duration = calls.runtime.configuration.leaseDuration
            try await calls.retrying { store throws(EventStoreError) in
                try await store.renewLease(of: saved, lasting: duration)
            }
            watch.extend(to: asked + duration)
        }
    }

    /// Hands events over once, or again where the store has failed and not the handler; returns what went wrong.
    func attempt(
        _ events: ArraySlice<StoredEvent>,
        _ number: Int,
        to position: Int64,
        changing changes: [NoteChange]
    ) async throws(RunEnd) -> DeliveryFailure? {
        var notes: [NoteChange] = []
        var next = window
        if let saved, target.movesCheckpoint {
            let moved = window.moved(from: saved.position, to: position, reaching: 0)
            next = moved.window
            notes = due(through: position) + changes + (moved.change.map { [$0] } ?? [])
        }
        let delivery = EventDelivery(
            events: events,
            attempt: number,
            partition: partition,
            checkpoint: saved,
            position: position,
            notes: notes
        )
        var failures = 0
        var isUncertain = false
        while true {
            // Last of all: each call of the store before may have taken longer than the lease.
            try await confirm()
            let result = await deliver(delivery)
            guard !watch.isLost else { throw .lost }
            switch result {
            case .success(let moved?):
                settled(moved, next)
                return nil
            case .success(nil):
                for change in changes { pending.append((0, change)) }
                return nil
            case .failure(.store(let error)):
                let isUnknown = error.code == .outcomeUnknown
                if let saved, isUnknown || error.code == .checkpointFenced && isUncertain {
                    isUncertain = true
                    let moved = try await calls.retrying { store throws(EventStoreError) in
                        try await calls.resolve(saved, position, dropping: changes.first, store)
                    }
                    if let moved {
                        settled(moved, next)
                        return nil
                    }
                    let lost = EventStoreError(.transient, "the move of the checkpoint is lost or still under way")
                    try await calls.recover(from: lost, &failures)
                } else {
                    try await calls.recover(from: error, &failures)
                }
            case .failure(let failure):
                guard !Task.isCancelled else { throw .interrupted }
                return failure
            }
        }
    }

    /// Hands events over, for no longer than the subscription allows.
    private func deliver(_ delivery: EventDelivery) async -> Result<Checkpoint?, DeliveryFailure> {
        guard let timeout = subscription.timeout else { return await target.result(of: delivery) }
        watch.attempt(began: now)
        defer { watch.attempt(began: nil) }
        return await withTaskGroup(of: Result<Checkpoint?, DeliveryFailure>?.self) { group in
            group.addTask { [target] in await target.result(of: delivery) }
            group.addTask { [time = calls.time] in
                try? await time.sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            let isLate = !Task.isCancelled
            guard let late = await group.next() ?? nil else {
                return .failure(.handler(CancellationError(), handled: 0))
            }
            // What has succeeded in spite of being late has succeeded.
            guard isLate, case .failure(.handler(_, let handled)) = late else { return late }
            return .failure(.handler(HandlerTimedOut(timeout: timeout), handled: handled))
        }
    }
}

extension DeliveryTarget {
    fileprivate func result(of delivery: EventDelivery) async -> Result<Checkpoint?, DeliveryFailure> {
        do throws(DeliveryFailure) { return .success(try await deliver(delivery)) } catch { return .failure(error) }
    }
}

extension DeliveryFailure {
    /// How many events at the front are handled all the same.
    var handled: Int {
        switch self {
        case .handler(_, let handled), .undecodable(_, let handled): handled
        case .store: 0
        }
    }
}
