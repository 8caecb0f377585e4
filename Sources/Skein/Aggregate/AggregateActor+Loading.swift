import Logging
import Metrics
import Tracing

extension AggregateActor {
    /// Brings the state into memory. Returns whether it was read from the store just now.
    func makeReady(
        _ runtime: BusRuntime,
        in parent: OpenSpan?
    ) async throws(ServingError) -> Bool {
        var failures = 0
        switch phase {
        case .ready:
            return false
        case .cold, .stale:
            break
        case .inDoubt(let append):
            guard await repeatUntilKnown(append, runtime, within: .zero) != nil else { throw .inDoubt }
        case .quarantined(let quarantine):
            let now = runtime.time.uptime()
            guard now >= quarantine.until else {
                throw .quarantined(quarantine.error, retryAfter: quarantine.until - now)
            }
            failures = quarantine.failures
        }
        await runtime.loadGate.enter()
        defer { runtime.loadGate.leave() }
        let span = runtime.instruments.span("skein.load", of: stream, in: parent)
        do throws(LoadError) {
            try await load(runtime)
            span?.attributes[SpanKey.version] = version
            span?.end()
            return true
        } catch {
            span?.end(error)
            throw quarantine(after: error, failures: failures + 1, runtime)
        }
    }

    private func load(_ runtime: BusRuntime) async throws(LoadError) {
        runtime.instruments.metrics.loads.increment()
        if case .stale = phase {
            do throws(LoadError) { return try await readOn(runtime) } catch  where error.isBeyondEnd {}
        }
        forget()
        if let rule = kind.snapshotRule, await restore(by: rule, runtime) {
            do throws(LoadError) { return try await readOn(runtime) } catch  where error.isBeyondEnd {
                note("the snapshot is ahead of its stream", runtime)
            }
            forget()
        }
        try await readOn(runtime)
    }

    /// Lets go of the state; the next command reads it anew.
    func forget() {
        phase = .cold
        state.reset()
        version = 0
        position = 0
    }

    private func readOn(_ runtime: BusRuntime) async throws(LoadError) {
        let start = version
        let reading = StreamReading(stream, runtime.store, limits: runtime.limits)
        try await reading.read(after: start) { events throws(LoadError) in try apply(events) }
        // A state that was ahead of its stream would never be corrected by reading on.
        if start > 0, version == start {
            do {
                guard try await runtime.store.version(of: stream) == version else { throw LoadError.beyondEnd }
            } catch let error as EventStoreError {
                throw .store(error)
            } catch {
                throw .beyondEnd
            }
        }
        phase = .ready
    }

    private func apply(_ page: [StoredEvent]) throws(LoadError) {
        for event in page {
            do throws(EventCodingError) {
                try state.apply(event)
            } catch {
                throw .coding(error)
            }
            version = event.version
            position = event.position
        }
    }

    /// Takes the state from the snapshot; false if there is none that can be used.
    private func restore(by rule: AggregateKind.SnapshotRule, _ runtime: BusRuntime) async -> Bool {
        do {
            guard let snapshot = try await runtime.store.snapshot(of: stream) else { return false }
            guard snapshot.shapeVersion == rule.shapeVersion else {
                note("the snapshot has shape \(snapshot.shapeVersion), not \(rule.shapeVersion)", runtime)
                return false
            }
            guard snapshot.isIntact, snapshot.version > 0, snapshot.version < .max else {
                note("the snapshot is damaged", runtime)
                return false
            }
            try state.restore(from: snapshot.payload)
            version = snapshot.version
            return true
        } catch {
            note("the snapshot cannot be read: \(error)", runtime)
            return false
        }
    }

    private func note(_ reason: String, _ runtime: BusRuntime) {
        runtime.instruments.metrics.ignoredSnapshots.increment()
        runtime.instruments.logger.warning(
            "A snapshot is ignored and the events are replayed.",
            metadata: ["stream": "\(stream)", "reason": "\(reason)"]
        )
    }

    private func quarantine(after error: LoadError, failures: Int, _ runtime: BusRuntime) -> ServingError {
        forget()
        switch error {
        case .store(let error):
            return .store(error)
        case .beyondEnd:
            return .store(EventStoreError(.transient, "the stream became shorter while it was read"))
        case .coding(let error):
            let wait = runtime.configuration.quarantine.wait(afterFailures: failures)
            phase = .quarantined(Quarantine(error: error, failures: failures, until: runtime.time.uptime() + wait))
            runtime.instruments.metrics.quarantines.increment()
            runtime.instruments.logger.error(
                "An aggregate cannot be rebuilt from its events and is set aside.",
                metadata: ["stream": "\(stream)", "error": "\(error)", "retry-after": "\(wait)"]
            )
            return .quarantined(error, retryAfter: wait)
        }
    }
}

/// Why a state could not be read.
/// Why a state could not be brought into memory.
enum LoadError: Error {
    case store(EventStoreError)
    case coding(EventCodingError)
    /// The state in hand has a version that the stream does not.
    case beyondEnd

    var isBeyondEnd: Bool {
        if case .beyondEnd = self { true } else { false }
    }
}
