public import Skein

/// Tells ``EventStoreConformance`` how to get at a kind of event store.
///
/// ```swift
/// let subject = EventStoreSubject("in memory") { InMemoryEventStore() }
/// ```
public struct EventStoreSubject: ConformanceSubject {
    public let name: String
    public let capabilities: Set<EventStoreCapability>

    /// The clock that the store takes its times from.
    public let time: any TimeSource

    /// How the store's transactions are written to; nil for stores without.
    public let probe: TransactionProbe?

    private let makePlace: @Sendable () async throws -> any EventStorePlace

    /// Creates a subject whose every case has a place of its own.
    ///
    /// - Parameters:
    ///   - name: The name in test results.
    ///   - capabilities: What the store declares; none by default.
    ///   - time: The clock that the store takes its times from.
    ///   - probe: How the store's transactions are written to; it declares ``EventStoreCapability/transactions``.
    ///   - place: Makes a new place with nothing in it.
    public init(
        _ name: String,
        capabilities: Set<EventStoreCapability> = [],
        time: any TimeSource = SystemTime(),
        probe: TransactionProbe? = nil,
        place: @escaping @Sendable () async throws -> any EventStorePlace
    ) {
        self.name = name
        self.capabilities = probe == nil ? capabilities : capabilities.union([.transactions])
        self.time = time
        self.probe = probe
        makePlace = place
    }

    /// Creates a subject of stores that are opened once and leave nothing behind; the closure makes an empty one.
    public init(
        _ name: String,
        capabilities: Set<EventStoreCapability> = [],
        time: any TimeSource = SystemTime(),
        probe: TransactionProbe? = nil,
        store: @escaping @Sendable () async throws -> any EventStore
    ) {
        self.init(name, capabilities: capabilities, time: time, probe: probe, place: { PassingPlace(make: store) })
    }

    public func withStage(_ body: @Sendable (EventStoreStage) async throws -> Void) async throws {
        let place = try await makePlace()
        do {
            let stage = try await EventStoreStage(on: place, of: self)
            do {
                try await body(stage)
            } catch {
                await stage.closeAll()
                throw error
            }
            await stage.closeAll()
        } catch {
            try? await place.remove()
            throw error
        }
        try await place.remove()
    }
}

private struct PassingPlace: EventStorePlace {
    let make: @Sendable () async throws -> any EventStore

    func open() async throws -> any EventStore { try await make() }
}
