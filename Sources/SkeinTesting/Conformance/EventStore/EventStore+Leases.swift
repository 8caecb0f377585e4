import Skein
import Testing

extension EventStore {
    /// Acquires a lease that must be free.
    func acquired(
        _ subscription: String = "view",
        by owner: String,
        for duration: Duration = .seconds(60),
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Checkpoint {
        switch try await acquireLease(on: subscription, for: owner, lasting: duration) {
        case .acquired(let checkpoint, _): return checkpoint
        case .held(let holder, let remaining):
            throw ConformanceFailure(
                "expected that \(owner) gets the lease, but \(holder) holds it for \(remaining)",
                at: location
            )
        }
    }

    /// Throws unless this owner keeps all others out.
    func holds(
        _ owner: String,
        _ subscription: String = "view",
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        switch try await acquireLease(on: subscription, for: "somebody else", lasting: .seconds(60)) {
        case .held(let holder, _):
            guard !holder.hasSameBytes(as: owner) else { return }
            throw ConformanceFailure("expected that \(owner) holds the lease, found \(holder)", at: location)
        case .acquired:
            throw ConformanceFailure("expected that \(owner) holds the lease, but it was free", at: location)
        }
    }
}

extension EventStoreStage {
    /// Asks for a lease again and again until it is free.
    func acquiredInTime(
        by owner: String,
        _ subscription: String = "view",
        from store: (any EventStore)? = nil,
        within limit: Duration = .seconds(10),
        at location: SourceLocation = #_sourceLocation
    ) async throws -> (checkpoint: Checkpoint, wasReleased: Bool) {
        let store = store ?? self.store
        let start = time.uptime()
        while true {
            switch try await store.acquireLease(on: subscription, for: owner, lasting: .seconds(60)) {
            case .acquired(let checkpoint, let wasReleased): return (checkpoint, wasReleased)
            case .held(let holder, let remaining):
                guard time.uptime() - start < limit else {
                    throw ConformanceFailure(
                        "the lease of \(holder) has not run out within \(limit): \(remaining) remain",
                        at: location
                    )
                }
                try await time.sleep(for: min(max(remaining, .milliseconds(1)), .milliseconds(5)))
            }
        }
    }

    /// Waits until a lease has surely run out that began before, when nobody may ask for it.
    func outlast(_ lease: Duration) async throws {
        let end = time.uptime() + lease + .milliseconds(10)
        while time.uptime() < end { try await time.sleep(for: .milliseconds(2)) }
    }
}
