/// What all parts of one bus share.
final class BusRuntime: Sendable {
    let store: any EventStore
    let limits: EventStoreLimits
    let time: any TimeSource
    let identifiers: any IdentifierSource
    let configuration: BusConfiguration
    let instruments: Instruments
    let loadGate: LoadGate

    init(store: any EventStore, configuration: BusConfiguration) {
        self.store = store
        limits = store.limits
        time = configuration.environment.time
        identifiers = configuration.environment.identifiers
        self.configuration = configuration
        instruments = Instruments(configuration)
        loadGate = LoadGate(limit: configuration.loadLimit)
    }
}
