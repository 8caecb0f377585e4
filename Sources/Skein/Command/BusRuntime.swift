/// What all parts of one bus share.
struct BusRuntime: Sendable {
    let store: any EventStore
    let configuration: BusConfiguration
    let instruments: Instruments
    let loadGate: LoadGate

    init(store: any EventStore, configuration: BusConfiguration) {
        self.store = store
        self.configuration = configuration
        instruments = Instruments(configuration)
        loadGate = LoadGate(limit: configuration.loadLimit)
    }

    var time: any TimeSource { configuration.environment.time }
}
