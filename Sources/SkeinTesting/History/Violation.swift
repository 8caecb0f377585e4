/// A rule that a run of a system has broken.
public struct Violation: Hashable, Sendable {
    /// The rules.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The events of an acknowledged command are not in the log, or not all of them.
        case acknowledgedLost
        /// A receipt does not say what the log says.
        case wrongReceipt
        /// A command's events are in the log more than once, or torn apart.
        case appliedTwice
        /// One command id was given different answers.
        case changedAnswer
        /// A command that was refused has events in the log.
        case storedDespiteFailure
        /// An unknown command has some of its events in the log, not all.
        case partialEffect
        /// There are events of a command that nobody sent.
        case unexplainedEvents
        /// What was told of a command's outcome does not fit the log or what was told before.
        case wrongOutcome

        /// A stream's versions are not 1, 2, 3 ….
        case versionGap
        /// Positions do not rise.
        case positionOrder
        /// A position is missing.
        case positionGap
        /// Two events share an id.
        case duplicateEventID

        /// A subscription was given something that is not in its part of the log.
        case unknownDelivery
        /// A subscription went past an event.
        case skippedDelivery
        /// A subscription went back without a reason, or handled what it had not been given.
        case outOfOrderDelivery
        /// A checkpoint covers events that were not handled.
        case checkpointAhead
        /// A checkpoint was moved or claimed under an epoch that is not the latest.
        case checkpointNotFenced
        /// A subscription was taken over at another place than its checkpoint.
        case checkpointLost
        /// A subscription that should have come to the end of the log has not.
        case notDrained

        /// An operation took effect before one that was over when it began.
        case realTimeOrder
        /// The stored events are not what the aggregate decides on the state before them.
        case wrongDecision
        /// An answer fits a version that was history when it was asked for.
        case staleAnswer
        /// An answer fits no version of the aggregate.
        case unexplainedAnswer
        /// A command was carried out at a version that its sender had excluded, or refused at one that was wanted.
        case expectedVersionIgnored

        /// A stored event cannot be decoded.
        case undecodable
        /// A rule of the user does not hold.
        case invariant
        /// The history contradicts itself, so that nothing can be said about it.
        case malformedHistory
    }

    /// The rule.
    public let kind: Kind

    /// What happened, in words.
    public let text: String

    /// The sequence numbers of the history's entries that show it.
    public let entries: [Int]

    /// The positions in the log that it is about.
    public let positions: [Int64]

    /// Creates a violation.
    public init(_ kind: Kind, _ text: String, entries: [Int] = [], positions: [Int64] = []) {
        self.kind = kind
        self.text = text
        self.entries = entries
        self.positions = positions
    }
}

extension Violation: CustomStringConvertible {
    public var description: String {
        var places: [String] = []
        if !entries.isEmpty { places.append("entries " + entries.map { "#\($0)" }.joined(separator: ", ")) }
        if !positions.isEmpty { places.append("positions " + positions.map(String.init).joined(separator: ", ")) }
        return "\(kind.rawValue): \(text)" + (places.isEmpty ? "" : " (\(places.joined(separator: "; ")))")
    }
}
