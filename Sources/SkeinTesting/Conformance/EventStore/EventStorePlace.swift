public import Skein
import Testing

/// Where one case's store keeps what it is given: a file, a schema, a piece of memory.
public protocol EventStorePlace: Sendable {
    /// Opens a store on the place: the first time an empty one.
    ///
    /// With ``EventStoreCapability/reopening`` also again after closing, with ``EventStoreCapability/severalHandles``
    /// several times at once.
    func open() async throws -> any EventStore

    /// Keeps every commit from happening until the closure that it returns is called; reading must go on.
    ///
    /// Called only with ``EventStoreCapability/holdingWriters``. The store must bear it for some seconds.
    func holdWriters() async throws -> @Sendable () async throws -> Void

    /// Throws everything away; all stores are closed by then.
    func remove() async throws
}

extension EventStorePlace {
    /// For places that cannot: throws a ``ConformanceFailure``.
    public func holdWriters() async throws -> @Sendable () async throws -> Void {
        throw ConformanceFailure(
            "the place declares that it can hold writers, but does not say how",
            at: #_sourceLocation
        )
    }

    public func remove() async throws {}
}
