/// Where a subscription's events go: all that differs between handlers and projections. The rest is the runner's.
///
/// The runner owns the partition, reads, filters, tries again, splits, parks and saves. A target gets the events in order, one
/// call after the other. The task is cancelled when ownership is lost or the bus has no more time: then what is returned
/// counts for nothing.
package protocol DeliveryTarget: Sendable {
    /// What is read of the log; it may let more through than is wanted.
    var filter: EventFilter { get }

    /// Whether an event that has passed the filter is wanted.
    func takes(_ event: StoredEvent) -> Bool

    /// Whether a delivery moves the checkpoint, and changes what goes with it.
    var movesCheckpoint: Bool { get }

    /// Where to go on if the subscription's position is not kept by the runner; nil for where the subscription begins.
    func resume() async throws(DeliveryFailure) -> Int64?

    /// Makes ready for a partition that is owned from now on; the first delivery follows the position.
    ///
    /// It is called anew each time a partition is taken. What it throws is treated as the store's or stops the subscription.
    func begin(_ partition: SubscriptionPartition, after position: Int64) async throws(DeliveryFailure)

    /// Does with events what they are for.
    ///
    /// A target that only runs handlers returns nil, and the runner saves the checkpoint when it is due. A transactional one
    /// does its work and moves ``EventDelivery/checkpoint`` to ``EventDelivery/position``, changing ``EventDelivery/notes``,
    /// in one transaction, and returns the moved checkpoint; then nothing is saved twice. If the answer to that was lost, it
    /// throws the store's `outcomeUnknown`: the runner finds out what became of it.
    func deliver(_ delivery: EventDelivery) async throws(DeliveryFailure) -> Checkpoint?

    /// Is told that no more deliveries follow for now, in good order: what it still owes the store it may do here.
    func end() async
}

extension DeliveryTarget {
    /// It only runs handlers.
    package var movesCheckpoint: Bool { false }

    /// Goes on nowhere.
    package func resume() async throws(DeliveryFailure) -> Int64? { nil }

    /// Does nothing.
    package func begin(_ partition: SubscriptionPartition, after position: Int64) async throws(DeliveryFailure) {}

    /// Does nothing.
    package func end() async {}
}

/// Events that a target is to handle, and what to move if it does so in a transaction.
package struct EventDelivery: Sendable {
    /// The events in the order of the log, at least one; only one unless the subscription is set to batches.
    package let events: ArraySlice<StoredEvent>

    /// How often the first event has been tried, with this time.
    package let attempt: Int

    /// The part of the subscription that the events belong to.
    package let partition: SubscriptionPartition

    /// The checkpoint as it is in the store; nil for a subscription whose position is not kept.
    package let checkpoint: Checkpoint?

    /// Where the checkpoint stands once the events are handled. It stays where it is when parked events are tried again.
    package let position: Int64

    /// What changes with the checkpoint; empty for a target that does not move it.
    package let notes: [NoteChange]
}

/// Why a delivery has failed.
package enum DeliveryFailure: Error {
    /// The handler threw; so many events at the front are handled all the same, and must not be rolled back.
    case handler(any Error, handled: Int)

    /// An event could not be decoded; so many events before are handled.
    case undecodable(EventCodingError, handled: Int)

    /// The store failed, not the handler: no attempt is counted. `checkpointFenced` means that ownership is lost.
    case store(EventStoreError)
}
