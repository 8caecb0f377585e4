/// Does something with the events of one aggregate type, one after the other; usually an actor.
public protocol EventHandler: Sendable {
    /// The aggregate type whose events are handled.
    associatedtype Source: Aggregate

    /// Handles an event. The next one comes when this returns.
    ///
    /// An event may come again after a crash or an error, never out of order. Commands sent from here carry the event's
    /// correlation on and name it as their cause. The task is cancelled when the bus has no more time to stop.
    func handle(_ event: RecordedEvent<Source>) async throws
}
