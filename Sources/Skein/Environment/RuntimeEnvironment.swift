/// What would differ from run to run, in one place: time, ids and random numbers.
public struct RuntimeEnvironment: Sendable {
    /// The clocks.
    public var time: any TimeSource

    /// The source of ids that nobody chose.
    public var identifiers: any IdentifierSource

    /// A random number, evenly spread over 64 bits; used for the jitter of back-offs.
    public var random: @Sendable () -> UInt64

    /// Creates an environment.
    public init(
        time: any TimeSource,
        identifiers: any IdentifierSource,
        random: @escaping @Sendable () -> UInt64
    ) {
        self.time = time
        self.identifiers = identifiers
        self.random = random
    }

    /// The machine's clocks, time-ordered ids and the system's random numbers.
    public static var system: RuntimeEnvironment {
        RuntimeEnvironment(
            time: SystemTime(),
            identifiers: TimeOrderedIdentifiers(),
            random: { .random(in: .min ... .max) }
        )
    }
}
