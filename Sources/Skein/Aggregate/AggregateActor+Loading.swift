import Logging
import Metrics
import Tracing

extension AggregateActor {
    /// Brings the state into memory. Returns whether it was read from the store just now.
    func makeReady(_ host: AggregateHost<A>) async throws(ServingError) -> Bool {
        var failures = 0
        switch phase {
        case .ready:
            return false
        case .cold, .stale:
            break
        case .inDoubt(let append):
            guard await repeatUntilKnown(append, host, within: .zero) != nil else { throw .inDoubt }
        case .quarantined(let quarantine):
            let now = host.time.uptime()
            guard now >= quarantine.until else {
                throw .quarantined(quarantine.error, retryAfter: quarantine.until - now)
            }
            failures = quarantine.failures
        }
        await host.loadGate.enter()
        defer { host.loadGate.leave() }
        let span = host.instruments.span("skein.load")
        do throws(LoadError) {
            try await load(host)
            span?.attributes[SpanKey.version] = version
            span.end()
            return true
        } catch {
            span.end(error)
            throw quarantine(after: error, failures: failures + 1, host)
        }
    }

    private func load(_ host: AggregateHost<A>) async throws(LoadError) {
        host.instruments.metrics.loads.increment()
        if case .stale = phase {
            do throws(LoadError) { return try await readOn(host) } catch  where error.isBeyondEnd {}
        }
        forget()
        if let snapshots = host.snapshots, await restore(snapshots, host) {
            do throws(LoadError) { return try await readOn(host) } catch  where error.isBeyondEnd {
                note("the snapshot is ahead of its stream", host)
            }
            forget()
        }
        try await readOn(host)
    }

    /// Lets go of the state; the next command reads it anew.
    func forget() {
        phase = .cold
        state = A()
        version = 0
        position = 0
    }

    private func readOn(_ host: AggregateHost<A>) async throws(LoadError) {
        let pageSize = min(1_000, host.store.limits.pageSize)
        let start = version
        while true {
            let page: [StoredEvent]
            do {
                page = try await host.store.read(id.stream, from: version + 1, direction: .forward, limit: pageSize)
            } catch  where error.code == .streamNotFound {
                guard version == 0 else { throw .beyondEnd }
                break
            } catch {
                throw .store(error)
            }
            for event in page {
                do throws(EventCodingError) {
                    state.apply(try host.codec.decode(event))
                } catch {
                    throw .coding(error)
                }
                version = event.version
                position = event.position
            }
            guard page.count == pageSize else { break }
        }
        // A state that was ahead of its stream would never be corrected by reading on.
        if start > 0, version == start {
            do {
                guard try await host.store.version(of: id.stream) == version else { throw LoadError.beyondEnd }
            } catch let error as EventStoreError {
                throw .store(error)
            } catch {
                throw .beyondEnd
            }
        }
        phase = .ready
    }

    /// Takes the state from the snapshot; false if there is none that can be used.
    private func restore(_ snapshots: SnapshotCoding<A>, _ host: AggregateHost<A>) async -> Bool {
        do {
            guard let snapshot = try await host.store.snapshot(of: id.stream) else { return false }
            guard snapshot.shapeVersion == snapshots.shapeVersion else {
                note("the snapshot has shape \(snapshot.shapeVersion), not \(snapshots.shapeVersion)", host)
                return false
            }
            guard snapshot.isIntact, snapshot.version > 0 else {
                note("the snapshot is damaged", host)
                return false
            }
            state = try snapshots.decode(snapshot.payload)
            version = snapshot.version
            return true
        } catch {
            note("the snapshot cannot be read: \(error)", host)
            return false
        }
    }

    private func note(_ reason: String, _ host: AggregateHost<A>) {
        host.instruments.metrics.ignoredSnapshots.increment()
        host.instruments.logger.warning(
            "A snapshot is ignored and the events are replayed.",
            metadata: ["stream": "\(id.stream)", "reason": "\(reason)"]
        )
    }

    private func quarantine(after error: LoadError, failures: Int, _ host: AggregateHost<A>) -> ServingError {
        forget()
        switch error {
        case .store(let error):
            return .store(error)
        case .beyondEnd:
            return .store(EventStoreError(.transient, "the stream became shorter while it was read"))
        case .coding(let error):
            let wait = host.configuration.quarantine.wait(afterFailures: failures)
            phase = .quarantined(Quarantine(error: error, failures: failures, until: host.time.uptime() + wait))
            host.instruments.metrics.quarantines.increment()
            host.instruments.logger.error(
                "An aggregate cannot be rebuilt from its events and is set aside.",
                metadata: ["stream": "\(id.stream)", "error": "\(error)", "retry-after": "\(wait)"]
            )
            return .quarantined(error, retryAfter: wait)
        }
    }
}

/// Why a state could not be read.
private enum LoadError: Error {
    case store(EventStoreError)
    case coding(EventCodingError)
    /// The state in hand has a version that the stream does not.
    case beyondEnd

    var isBeyondEnd: Bool {
        if case .beyondEnd = self { true } else { false }
    }
}
