import Logging
import Metrics

extension PartitionWork {
    /// Learns what was parked, and how carefully to go on if the last owner may have died over an event.
    func recall(_ ownership: LeaseKeeper.Ownership) async throws(RunEnd) {
        let key = partition.key
        for (_, note) in try await calls.retrying({ store throws(EventStoreError) in
            try await ParkedNote.all(of: key, in: store)
        }) {
            parked.insert(note.stream)
        }
        try checkParked()
        metrics.parked.record(parked.eventCount)
        window = SubscriptionWindow(at: ownership.checkpoint.position)
        if ownership.isAfterCrash {
            begun = try await calls.retrying { store throws(EventStoreError) in
                try await AttemptNote.all(of: key, in: store)
            }
            for position in begun.keys.sorted() where position <= ownership.checkpoint.position {
                pending.append((0, AttemptNote.drop(at: position)))
                begun[position] = nil
            }
            carefulThrough = try await calls.retrying { store throws(EventStoreError) in
                try await SubscriptionWindow.end(after: ownership.checkpoint, in: store)
            }
        }
        try await lookForRequests(isFirst: true)
    }

    /// Keeps in the store that an attempt begins.
    func record(_ attempts: Int, of event: StoredEvent) async throws(RunEnd) {
        begun[event.position] = attempts
        try await save(changing: [AttemptNote(attempts: attempts).keep(at: event.position)])
    }

    /// Tries an event again that has failed, until it is handled or the policy has no more retries.
    func settle(_ event: StoredEvent, _ attempts: Int, _ failure: DeliveryFailure) async throws(RunEnd) {
        let retry = subscription.failure.retry
        var attempts = attempts
        var failure = failure
        while case .handler(let error, _) = failure, attempts <= retry.retries, retry.isWorthRetrying(error) {
            metrics.retries.increment()
            log(.warning, "An event handler failed and is tried again.", event, attempts, error)
            guard await calls.pause(retry.backoff, afterFailures: attempts) else { throw .interrupted }
            attempts += 1
            guard let again = try await handle([event], attempts) else { return }
            failure = again
        }
        try await giveUp(event, attempts, failure)
    }

    /// Does with an event what the policy says for one that has failed for the last time.
    func giveUp(_ event: StoredEvent, _ attempts: Int, _ failure: DeliveryFailure) async throws(RunEnd) {
        let error = failure.error
        // With its end the count of attempts begins anew.
        if begun.removeValue(forKey: event.position) != nil {
            pending.append((0, AttemptNote.drop(at: event.position)))
        }
        switch subscription.failure.resort {
        case .stop:
            if case .undecodable(let error, _) = failure { throw .stopped(.undecodable(error)) }
            throw .stopped(.handlerFailed(position: event.position, attempts: attempts, error))
        case .skip:
            log(.error, "An event was skipped, for its handler has failed.", event, attempts, error)
            metrics.skipped.increment()
            advance(to: event.position, handling: 0)
        case .park:
            log(.error, "An event was parked, for its handler has failed.", event, attempts, error)
            park(event, attempts, error)
            try checkParked()
            advance(to: event.position, handling: 0)
            try await save()
        }
    }

    /// Lets an event wait behind an earlier one of its stream that is parked.
    func wait(_ event: StoredEvent) async throws(RunEnd) {
        park(event, 0, nil)
        advance(to: event.position, handling: 0)
        if pending.count >= 256 { try await save() } else { try await saveIfDue() }
    }

    private func park(_ event: StoredEvent, _ attempts: Int, _ error: (any Error)?) {
        let note = ParkedNote(event, attempts: attempts, reason: error, at: calls.time.now())
        pending.append((event.position, note.keep(at: event.position)))
        parked.insert(event.stream)
        metrics.parked.record(parked.eventCount)
        progress.look(parked: parked.eventCount)
    }

    private func checkParked() throws(RunEnd) {
        let limit = calls.runtime.configuration.parkedStreamLimit
        guard parked.streamCount <= limit else { throw .stopped(.tooManyParked(limit: limit)) }
    }

    func log(
        _ level: Logger.Level,
        _ message: Logger.Message,
        _ event: StoredEvent,
        _ attempts: Int,
        _ error: any Error
    ) {
        calls.runtime.instruments.logger.log(
            level: level,
            message,
            metadata: [
                "subscription": "\(partition.key)", "position": "\(event.position)",
                "attempt": "\(attempts)", "error": "\(error)",
            ]
        )
    }
}

extension DeliveryFailure {
    /// What has failed.
    var error: any Error {
        switch self {
        case .handler(let error, _): error
        case .undecodable(let error, _): error
        case .store(let error): error
        }
    }
}
