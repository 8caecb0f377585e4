/// How many events are handled at a time.
public struct BatchSize: Hashable, Sendable {
    /// The most events in a batch.
    public var count: Int

    /// How long a batch that is not full waits for more events; zero is not at all.
    public var wait: Duration

    /// Creates a size.
    public init(_ count: Int, within wait: Duration = .zero) {
        self.count = count
        self.wait = wait
    }
}
