public import Skein

/// Why waiting ended before all was as wanted, and where each subscription stood then.
public struct NotSettled: Error, CustomStringConvertible {
    /// Why waiting ended.
    public enum Reason: Sendable {
        /// The time passed.
        case timeout(Duration)

        /// A subscription has stopped that was waited for; the statuses say why.
        case stopped

        /// The waiting task was cancelled.
        case cancelled

        /// The condition threw.
        case conditionFailed(any Error)

        /// The log's end could not be read.
        case store(EventStoreError)
    }

    /// Why waiting ended.
    public let reason: Reason

    /// The log's end that was waited for; nil if it was waited for a condition.
    public let head: Int64?

    /// Where the subscriptions stood, in the order in which they were declared.
    public let statuses: [SubscriptionStatus]

    init(_ reason: Reason, head: Int64?, _ statuses: [SubscriptionStatus]) {
        self.reason = reason
        self.head = head
        self.statuses = statuses
    }

    public var description: String {
        let places = statuses.map { status in
            let place = "\(status.name) \(status.activity.text) at \(status.position)"
            return head.map { "\(place) of \($0)" } ?? place
        }
        return ([reason.text] + places).joined(separator: "; ")
    }
}

extension NotSettled.Reason {
    fileprivate var text: String {
        switch self {
        case .timeout(let timeout): "not settled within \(timeout)"
        case .stopped: "a subscription has stopped"
        case .cancelled: "waiting was cancelled"
        case .conditionFailed(let error): "the condition threw \(error)"
        case .store(let error): "the log's end is unknown: \(error)"
        }
    }
}

extension SubscriptionStatus.Activity {
    fileprivate var text: String {
        switch self {
        case .idle: "is idle, for the bus does not run,"
        case .waiting(let owner): "waits, for \(owner) runs it,"
        case .running: "is running"
        case .paused: "is paused"
        case .stopped(let error): "has stopped (\(error))"
        }
    }
}
