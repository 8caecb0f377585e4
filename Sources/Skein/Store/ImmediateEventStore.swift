/// A store whose appends never suspend, so that the bus can spare itself what being able to suspend costs.
package protocol ImmediateEventStore: EventStore {
    /// Does what ``EventStore/append(_:)`` does, for an append whose input the caller has checked.
    func appendAtOnce(_ append: StreamAppend) throws(EventStoreError) -> AppendResult
}
