/// What a simulation does to the processes in it.
public enum SimulatedFault: Int, CaseIterable, Sendable {
    /// A call of the store takes up to 20 ms, before its effect, after it, or both.
    case delay

    /// An append is held up for up to 50 ms, until another writer of the same stream has been faster.
    case conflict

    /// A call of the store fails and has changed nothing.
    case failure

    /// The answer to an append or to the move of a checkpoint is lost: it was done, was not, or will be shortly after.
    case lostAnswer

    /// One process cannot reach the store for up to 500 ms.
    case outage

    /// The signal of a commit comes up to 2 s late.
    case lateWakeUp

    /// A snapshot is read damaged, cut, in another shape, or ahead of its stream.
    case damagedSnapshot

    /// A handler fails before or after its effect, so that the event is delivered again.
    case handlerFailure

    /// A sender gives up: its task is cancelled up to 20 ms after it began.
    case cancellation

    /// A process loses all that it has in memory, at any moment, and begins anew up to 1 s later.
    case crash

    /// Somebody else takes over the checkpoint of a durable subscription.
    case lostLease

    /// A process's time of day jumps by up to a minute, forward or back.
    case clockJump
}
