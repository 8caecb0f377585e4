import Metrics

/// The metrics of a bus. They are made once; without a back end recording one costs next to nothing.
///
/// A class, for copying a struct of so many would count as many references on every command.
final class BusMetrics: Sendable {
    /// Whether anyone looks, so that durations need not be measured for nobody.
    let isEnabled: Bool
    private let factory: any MetricsFactory

    let commands: Counter
    let rejections: Counter
    let repeats: Counter
    let conflicts: Counter
    let overloads: Counter
    let unknownOutcomes: Counter
    let quarantines: Counter
    let loads: Counter
    let ignoredSnapshots: Counter
    let batchSize: Recorder
    let appendDuration: Timer
    let mailboxWait: Timer
    let residents: Gauge

    init(factory: any MetricsFactory) {
        self.factory = factory
        isEnabled = !(factory is NOOPMetricsHandler)
        commands = Counter(label: "skein.commands", factory: factory)
        rejections = Counter(label: "skein.commands.rejected", factory: factory)
        repeats = Counter(label: "skein.commands.repeated", factory: factory)
        conflicts = Counter(label: "skein.conflicts", factory: factory)
        overloads = Counter(label: "skein.overloads", factory: factory)
        unknownOutcomes = Counter(label: "skein.outcomes.unknown", factory: factory)
        quarantines = Counter(label: "skein.quarantines", factory: factory)
        loads = Counter(label: "skein.loads", factory: factory)
        ignoredSnapshots = Counter(label: "skein.snapshots.ignored", factory: factory)
        batchSize = Recorder(label: "skein.append.commands", aggregate: true, factory: factory)
        appendDuration = Timer(label: "skein.append.duration", factory: factory)
        mailboxWait = Timer(label: "skein.mailbox.wait", factory: factory)
        residents = Gauge(label: "skein.residents", factory: factory)
    }

    /// The metrics of a partition of a subscription.
    func subscription(of partition: SubscriptionPartition) -> SubscriptionMetrics {
        SubscriptionMetrics(of: partition, factory: factory)
    }
}

/// The metrics of a subscription, told apart by the dimension `subscription`, and by `partition` if it is parted.
struct SubscriptionMetrics: Sendable {
    let handled: Counter
    let retries: Counter
    let skipped: Counter
    let parked: Gauge
    let lag: Gauge

    init(of partition: SubscriptionPartition, factory: any MetricsFactory) {
        var dimensions = [("subscription", partition.subscription)]
        if partition.count > 1 { dimensions.append(("partition", "\(partition.index)")) }
        handled = Counter(label: "skein.subscription.handled", dimensions: dimensions, factory: factory)
        retries = Counter(label: "skein.subscription.retries", dimensions: dimensions, factory: factory)
        skipped = Counter(label: "skein.subscription.skipped", dimensions: dimensions, factory: factory)
        parked = Gauge(label: "skein.subscription.parked", dimensions: dimensions, factory: factory)
        lag = Gauge(label: "skein.subscription.lag", dimensions: dimensions, factory: factory)
    }
}
