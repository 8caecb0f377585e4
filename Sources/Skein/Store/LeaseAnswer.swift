/// What asking for a lease on a subscription's checkpoint came to.
public enum LeaseAnswer: Hashable, Sendable {
    /// The checkpoint is the owner's for the time asked for; its epoch is new.
    ///
    /// - Parameter wasReleased: Whether the owner before, if there was one, ended in good order. Otherwise it may have died
    ///   while it handled an event.
    case acquired(Checkpoint, wasReleased: Bool)

    /// Somebody else has it, for that much longer unless the lease is renewed.
    case held(by: String, remaining: Duration)
}
