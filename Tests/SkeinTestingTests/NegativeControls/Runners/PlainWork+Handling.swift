import Skein
import SkeinTesting

extension PlainWork {
    /// Hands over events of different streams at the same time, and saves what is done from the first one on.
    ///
    /// False if not all was handled.
    func handleTogether(_ events: [StoredEvent]) async throws -> Bool {
        var rest = events[...]
        while let last = rest.last, goesOn {
            var streams: Set<StreamID> = []
            let window = Array(rest.prefix { streams.insert($0.stream).inserted })
            if control == .savesBeforeTheEffect { try await save(to: last.position) }
            var left = window
            while !left.isEmpty {
                try await confirm()
                left = try await handOver(left, until: (window.last ?? last).position)
                if !left.isEmpty { await pause(.milliseconds(1)) }
                try Task.checkCancellation()
            }
            rest.removeFirst(window.count)
        }
        return rest.isEmpty
    }

    /// Hands each over in a task of its own; returns those that have failed.
    private func handOver(_ events: [StoredEvent], until end: Int64) async throws -> [StoredEvent] {
        var open = events
        var failed: Set<Int64> = []
        try await withThrowingTaskGroup(of: (Int64, Bool).self) { group in
            for event in events {
                group.addTask { [handler, time, ownedUntil, name = part.subscription] in
                    // The process may have been held up since the look at the lease.
                    guard time.uptime() < ownedUntil else { return (event.position, false) }
                    do {
                        try await handler.handle([History.Delivery(event, to: name)])
                        return (event.position, true)
                    } catch {
                        return (event.position, false)
                    }
                }
            }
            for try await (done, isHandled) in group {
                guard isHandled else {
                    failed.insert(done)
                    continue
                }
                open.removeAll { $0.position == done }
                let prefix = open.first.map { $0.position - 1 } ?? end
                let through = control == .savesTheHighest ? done : prefix
                if through > position { try await save(to: through) }
            }
        }
        return open.filter { failed.contains($0.position) }
    }

    /// Hands over several events at a time; what fails comes again alone, and is parked if it fails once more.
    ///
    /// False if not all was handled.
    func handleInBatches(_ events: [StoredEvent]) async throws -> Bool {
        var rest = events[...]
        while let first = rest.first, goesOn {
            try await confirm()
            guard !parked.contains(first.stream) else {
                try await park(first)
                rest.removeFirst()
                continue
            }
            let batch = Array(rest.prefix(size).prefix { !parked.contains($0.stream) })
            do {
                try await handler.handle(batch.map { History.Delivery($0, to: part.subscription) })
            } catch {
                try Task.checkCancellation()
                if batch.count > 1, control != .skipsTheWholeBatch {
                    size = 1
                    continue
                }
                failures += 1
                guard failures > 1 else { continue }
                try await giveUp(batch)
                rest.removeFirst(batch.count)
                continue
            }
            if let last = batch.last { try await save(to: last.position) }
            rest.removeFirst(batch.count)
            begin(size: handler.subscription.batch ?? 1)
        }
        if let last = rest.last, control == .savesWhatIsInHand { try await save(to: last.position) }
        return rest.isEmpty
    }

    private func giveUp(_ batch: [StoredEvent]) async throws {
        if control == .skipsTheWholeBatch, let last = batch.last {
            try await save(to: last.position)
        } else if let event = batch.first {
            try await park(event)
        }
        begin(size: handler.subscription.batch ?? 1)
    }

    private func begin(size: Int) {
        self.size = size
        failures = 0
    }
}
