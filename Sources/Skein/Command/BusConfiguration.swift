public import Logging
public import Metrics
public import Tracing

/// The settings of a ``CommandBus``. Each has a default that suits a server.
public struct BusConfiguration: Sendable {
    /// The most commands that wait for one aggregate; a further one is ``CommandError/overloaded(_:)``.
    public var mailboxLimit = 1_024

    /// The most aggregates in memory; beyond it, the least recently used one leaves.
    public var residentLimit = 100_000

    /// How long an unused aggregate stays in memory.
    public var residentIdleTime: Duration = .seconds(300)

    /// The most commands that one append stores.
    public var batchLimit = 256

    /// How long a command may wait to be decided, if its options do not say; nil is without end.
    public var commandTimeout: Duration?

    /// How often a command is decided again after a conflict or a transient error of the store.
    public var retryLimit = 8

    /// How long to wait before such a retry.
    public var retryBackoff = Backoff(first: .milliseconds(1), factor: 2, longest: .milliseconds(250))

    /// How long an append whose outcome is unknown is repeated before its senders are told so.
    public var outcomeTimeout: Duration = .seconds(5)

    /// How many aggregates are loaded at the same time.
    public var loadLimit = 64

    /// How long an aggregate that cannot be rebuilt rests before it is tried again.
    public var quarantine = Backoff(first: .seconds(1), factor: 2, longest: .seconds(60))

    /// How long ``CommandBus/run()`` waits for commands and handlers when it is asked to stop.
    public var shutdownTimeout: Duration = .seconds(30)

    /// How many events of the log a subscription reads at a time; it holds no more in memory.
    public var subscriptionBuffer = 512

    /// How often a subscription looks at the log although no commit was signalled.
    public var subscriptionPollInterval: Duration = .seconds(1)

    /// How long a subscription's checkpoint may lag behind what its handler has done; a crash repeats that much. A fifth of it
    /// where the log has ended.
    public var checkpointInterval: Duration = .milliseconds(250)

    /// How long a process may be silent before another one takes its subscriptions over.
    public var leaseDuration: Duration = .seconds(15)

    /// The most aggregates of which a subscription parks events, in each partition; beyond it, it stops.
    public var parkedStreamLimit = 10_000

    /// How events, rejections and snapshots become bytes.
    public var coder: any EventCoder = JSONEventCoder()

    /// Time, ids and random numbers.
    public var environment: RuntimeEnvironment = .system

    /// Where the bus writes what an operator should know.
    public var logger = Logger(label: "skein")

    /// Makes spans; nil takes the bootstrapped tracer, if there is one when the bus is created.
    public var tracer: (any Tracer)?

    /// Makes metrics; nil takes the bootstrapped factory, if there is one when the bus is created.
    public var metrics: (any MetricsFactory)?

    /// Creates the defaults.
    public init() {}

    /// Throws ``InvalidInput`` for a limit or a time that makes no sense.
    public func validate() throws(InvalidInput) {
        let counts = [
            ("mailboxLimit", mailboxLimit), ("residentLimit", residentLimit), ("batchLimit", batchLimit),
            ("loadLimit", loadLimit), ("subscriptionBuffer", subscriptionBuffer),
            ("parkedStreamLimit", parkedStreamLimit),
        ]
        for (name, count) in counts where count < 1 {
            throw InvalidInput(field: name, reason: "\(count) is below 1")
        }
        guard leaseDuration > .zero, leaseDuration <= .seconds(86_400) else {
            throw InvalidInput(field: "leaseDuration", reason: "\(leaseDuration) is not above zero and up to a day")
        }
        guard retryLimit >= 0 else { throw InvalidInput(field: "retryLimit", reason: "\(retryLimit) is below 0") }
    }
}
