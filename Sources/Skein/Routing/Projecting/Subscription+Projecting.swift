extension Subscription {
    /// Creates the subscription that keeps a projection.
    ///
    /// - Parameters:
    ///   - projection: The read model; its name is the subscription's.
    ///   - batches: How many events one transaction takes.
    ///   - failure: What happens when a handler throws. Its transaction is rolled back first.
    ///   - timeout: How long a transaction may take.
    public init(
        _ projection: some Projection,
        batches: BatchSize = BatchSize(500),
        failure: FailurePolicy = .standard,
        timeout: Duration? = nil
    ) {
        self.init(
            projection.name,
            batches: batches,
            failure: failure,
            timeout: timeout,
            projection: TypedProjection(projection: projection)
        ) { runtime in TypedProjection(projection: projection).target(runtime, replacing: nil) }
    }

    /// Creates the subscription that keeps a read model in memory, from what was kept of it in the store.
    public init<Value>(_ projection: ValueProjection<Value>, batches: BatchSize = BatchSize(500)) {
        self.init(
            projection.name,
            batches: batches,
            durability: .ephemeral,
            failure: FailurePolicy(retry: .stopAtOnce)
        ) { runtime in projection.makeTarget(runtime) }
    }
}
