/// What all parts of one bus share.
final class BusRuntime: Sendable {
    let store: any EventStore
    /// The store, if it never suspends and nobody wants the spans and durations that the usual way measures.
    let immediateStore: (any ImmediateEventStore)?
    let limits: EventStoreLimits
    let time: any TimeSource
    let identifiers: any IdentifierSource
    let configuration: BusConfiguration
    let instruments: Instruments
    let loadGate: LoadGate
    let transactionalHandlers: TransactionalHandlers
    let eventDecoding: EventDecoding

    /// - Parameter sharesDecoding: Whether several subscriptions may want the same events.
    init(
        store: any EventStore,
        configuration: BusConfiguration,
        transactionalHandlers handlers: [TransactionalHandler],
        sharesDecoding: Bool
    ) {
        self.store = store
        limits = store.limits
        time = configuration.environment.time
        identifiers = configuration.environment.identifiers
        self.configuration = configuration
        instruments = Instruments(configuration)
        let isObserved = instruments.tracer != nil || instruments.metrics.isEnabled
        immediateStore = isObserved || !handlers.isEmpty ? nil : store as? any ImmediateEventStore
        loadGate = LoadGate(limit: configuration.loadLimit)
        eventDecoding = EventDecoding(
            coder: configuration.coder,
            shared: sharesDecoding ? DecodedEvents(capacity: 4 * configuration.subscriptionBuffer) : nil
        )
        transactionalHandlers = TransactionalHandlers(handlers, coder: configuration.coder)
    }

    /// Appends, with the transactional handlers that belong to it.
    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        try await transactionalHandlers.append(append, to: store)
    }
}
