import SkeinTesting
import Testing

/// What runs the subscriptions of a ``DeliveryScenario``: the bus, a plain runner that is right, and what a judge must catch.
enum RunnerControl: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case bus, plain

    /// Takes the latest event that was handled for the end of what is handled.
    case savesTheHighest
    /// Saves first and handles then.
    case savesBeforeTheEffect
    /// Takes the store's refusal for a fault, and goes on with what it has not any more.
    case goesOnWithoutAsking
    /// Does not look whether its lease is over before it handles an event.
    case looksAtNoClock
    /// Begins at the end of the log where another one has died.
    case takesOverAtTheHead
    /// Reads on when all subscriptions have handled what was read.
    case readsForAllAtOnce
    /// Leaves out a whole batch for one event in it.
    case skipsTheWholeBatch
    /// Parks an event, and lets those of the same aggregate pass it.
    case letsOthersOvertake
    /// Begins without looking for what was parked.
    case forgetsTheParked
    /// Takes the checkpoint for the next event.
    case resumesOneTooFar
    /// Handles the event of the checkpoint once more.
    case resumesOneTooEarly
    /// Saves what it has read when it stops, handled or not.
    case savesWhatIsInHand

    var isRight: Bool { self == .bus || self == .plain }
    var testDescription: String { rawValue }

    /// What must be among the rules that it breaks.
    var telltale: Violation.Kind {
        switch self {
        case .bus, .plain, .readsForAllAtOnce: .invariant
        case .savesTheHighest, .savesBeforeTheEffect, .takesOverAtTheHead, .skipsTheWholeBatch, .savesWhatIsInHand,
            .resumesOneTooFar:
            .checkpointAhead
        case .goesOnWithoutAsking, .looksAtNoClock: .checkpointNotFenced
        case .letsOthersOvertake, .forgetsTheParked, .resumesOneTooEarly: .outOfOrderDelivery
        }
    }
}
