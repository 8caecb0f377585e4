import Logging
import Metrics

extension PartitionWork {
    /// Looks for what others want, if somebody here has asked or it is time to, and does it.
    func lookForRequests(isFirst: Bool = false) async throws(RunEnd) {
        guard saved != nil else { return lookForWishes() }
        let wishes = state.wishCount
        let interval = calls.runtime.configuration.subscriptionPollInterval
        // With nothing parked there is nothing to ask for but a pause.
        let isDue = progress.isLookDue(at: now, interval * (parked.isEmpty && !isPaused ? 5 : 1))
        guard isFirst || wishes != wishesSeen || isDue else { return }
        wishesSeen = wishes
        progress.lookForRequests(at: now)
        let key = partition.key
        let requests = try await calls.retrying { store throws(EventStoreError) in
            try await SubscriptionRequest.all(of: key, in: store)
        }
        pause(requests.contains { $0.action == .pause })
        // Only what is owned for certain and begun in order can be tried again.
        guard !isFirst else {
            if requests.contains(where: { $0.action != .pause }) { wishesSeen -= 1 }
            return
        }
        for request in requests {
            guard isWanted else { return }
            switch request.action {
            case .pause: continue
            case .drop: try await drop(request)
            case .retry: try await retry(request)
            }
        }
    }

    /// What is asked of a subscription whose position is not kept is known here only.
    private func lookForWishes() {
        wishesSeen = state.wishCount
        pause(state.isPausedHere)
    }

    private func pause(_ wanted: Bool) {
        guard wanted != isPaused else { return }
        isPaused = wanted
        progress.pause(wanted)
    }

    private func drop(_ request: SubscriptionRequest) async throws(RunEnd) {
        let all = try await parkedEvents()
        guard let found = all.first(where: { $0.position == request.position }) else {
            return try await save(changing: [request.drop])
        }
        try await save(changing: [request.drop, ParkedNote.drop(at: found.position)])
        forget(found.note.stream)
    }

    /// Tries a stream's parked events in order, up to one that fails again.
    private func retry(_ request: SubscriptionRequest) async throws(RunEnd) {
        let all = try await parkedEvents()
        // That the request is dropped before the attempt keeps an event that ends the process from doing it for ever.
        var changes = [request.drop]
        for (position, note) in all where note.stream == request.stream {
            guard isWanted else { return }
            guard let event = try await reader.event(at: position) else {
                try await save(changing: changes + [ParkedNote.drop(at: position)])
                changes = []
                forget(note.stream)
                continue
            }
            let tried = ParkedNote(event, attempts: note.attempts + 1, reason: HandlerDidNotReturn(attempts: 1), note)
            try await save(changing: changes + [tried.keep(at: position)])
            changes = []
            let done = [ParkedNote.drop(at: position)]
            if let failure = try await attempt([event], tried.attempts, to: self.position, changing: done) {
                log(.error, "A parked event has failed again.", event, tried.attempts, failure.error)
                let failed = ParkedNote(event, attempts: tried.attempts, reason: failure.error, note)
                return try await save(changing: [failed.keep(at: position)])
            }
            try await save()
            forget(note.stream)
            advance(to: self.position, handling: 1)
        }
        if !changes.isEmpty { try await save(changing: changes) }
    }

    private func parkedEvents() async throws(RunEnd) -> [(position: Int64, note: ParkedNote)] {
        // What waits to be kept belongs to it.
        try await save()
        let key = partition.key
        return try await calls.retrying { store throws(EventStoreError) in try await ParkedNote.all(of: key, in: store)
        }
    }

    private func forget(_ stream: StreamID) {
        parked.remove(stream)
        metrics.parked.record(parked.eventCount)
        progress.look(parked: parked.eventCount)
    }
}

extension ParkedNote {
    /// A note of an event that was parked before, at the time of that.
    fileprivate init(_ event: StoredEvent, attempts: Int, reason: any Error, _ before: ParkedNote) {
        self.init(event, attempts: attempts, reason: reason, at: Timestamp(microseconds: before.at))
    }
}
