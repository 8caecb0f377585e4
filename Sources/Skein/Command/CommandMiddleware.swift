/// Stands around every command: to authorise, validate, enrich or measure it, or to answer in its place.
///
/// It runs in the sender's task, before the command enters its aggregate's mailbox, in the order of the bus's list.
public protocol CommandMiddleware: Sendable {
    /// Handles a command, usually by calling `next`, with the request as it came or changed.
    ///
    /// Throwing ``CommandError/refused(_:)`` turns the command down; returning a receipt without calling `next` answers
    /// in its place. `next` may be called again after an error that allows it.
    func handle<A: Aggregate>(
        _ request: CommandRequest<A>,
        next: (CommandRequest<A>) async throws(CommandError<A.Rejection>) -> CommandReceipt<A>
    ) async throws(CommandError<A.Rejection>) -> CommandReceipt<A>
}

/// A command on its way through the middleware.
public struct CommandRequest<A: Aggregate>: Sendable {
    /// The command.
    public var command: A.Command

    /// The aggregate that it is sent to.
    public var aggregateID: AggregateID<A>

    /// How it is sent. ``CommandOptions/id`` is set if the sender chose an id.
    public var options: CommandOptions
}
