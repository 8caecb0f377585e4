/// What not every event store can do, or its test cannot bring about.
public enum EventStoreCapability: String, CaseIterable, Sendable {
    /// What was written is there when the place is opened again after closing.
    case reopening = "reopening"

    /// The store was set up to delete streams for good. Cases for stores that were not are run without it.
    case hardDelete = "hard delete"

    /// A place can be open several times at once, as for several processes.
    case severalHandles = "several handles"

    /// The test can hold commits up from outside: ``EventStorePlace/holdWriters()``.
    case holdingWriters = "holding writers"

    /// Others can take part in the store's transactions; the subject has a ``TransactionProbe``.
    case transactions = "transactions"
}
