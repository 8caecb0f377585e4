/// How a subscription is doing.
public struct SubscriptionStatus: Sendable {
    /// What a subscription is doing.
    public enum Activity: Sendable {
        /// The bus does not run.
        case idle

        /// Another process runs it; this one stands by, and takes over when that one ends or hangs.
        case waiting(for: String)

        /// It handles events or waits for new ones.
        case running

        /// It was asked to pause, and handles nothing until it is resumed.
        case paused

        /// An event could not be handled, or the store failed. It starts again with ``CommandBus/resume(_:)`` or the next
        /// ``CommandBus/run()``.
        case stopped(SubscriptionError)
    }

    /// How one part of a subscription is doing.
    public struct Partition: Sendable {
        /// What it is doing.
        public let activity: Activity

        /// Everything up to this position has been handled, parked or filtered out.
        public let position: Int64

        /// How many positions of the log it was behind when it last looked.
        public let lag: Int64

        /// How many events a second it has handled over the last seconds.
        public let rate: Double

        /// How many events are parked.
        public let parked: Int
    }

    /// The subscription's name.
    public let name: String

    /// Its parts, in order; one, if it is not parted.
    public let partitions: [Partition]

    /// What it is doing: the worst that one of its parts does.
    public var activity: Activity {
        partitions.map(\.activity).max { $0.rank < $1.rank } ?? .idle
    }

    /// Everything up to this position has been handled, parked or filtered out.
    public var position: Int64 { partitions.map(\.position).min() ?? 0 }

    /// How many positions of the log it was behind when it last looked.
    public var lag: Int64 { partitions.map(\.lag).max() ?? 0 }

    /// How many events a second it has handled over the last seconds.
    public var rate: Double { partitions.reduce(0) { $0 + $1.rate } }

    /// How many events are parked.
    public var parked: Int { partitions.reduce(0) { $0 + $1.parked } }
}

extension SubscriptionStatus.Activity {
    fileprivate var rank: Int {
        switch self {
        case .waiting: 0
        case .idle: 1
        case .running: 2
        case .paused: 3
        case .stopped: 4
        }
    }
}

/// Why a subscription stopped.
public enum SubscriptionError: Error {
    /// The handler threw, for the last time.
    case handlerFailed(position: Int64, attempts: Int, any Error)

    /// A stored event could not be decoded.
    case undecodable(EventCodingError)

    /// The checkpoint is beyond the end of the log: it belongs to another log, or the log was set back.
    case checkpointBeyondHead(checkpoint: Int64, head: Int64)

    /// Events of more aggregates are parked than may be kept in memory; see ``BusConfiguration/parkedStreamLimit``.
    case tooManyParked(limit: Int)

    /// Another process has begun to run the subscription with another number of partitions.
    case partitionsChanged(to: Int)

    /// The store failed in a way that trying again does not mend.
    case store(EventStoreError)
}

/// Why waiting for a subscription ended before it had come far enough.
public enum SubscriptionWaitError: Error {
    /// No subscription of the bus, nor of the store, has this name.
    case unknownSubscription(String)

    /// The time passed. The events are stored; the subscription is behind.
    case timeout(subscription: String, reached: Int64, wanted: Int64)

    /// The subscription stopped.
    case stopped(subscription: String, SubscriptionError)

    /// The store could not tell how far the subscription has come.
    case store(EventStoreError)

    /// The waiting task was cancelled.
    case cancelled
}
