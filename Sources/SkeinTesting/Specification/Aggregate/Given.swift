public import Skein
public import Testing

/// The beginning of a specification: an aggregate to which something has happened, or nothing yet.
///
///     Given(BankAccount.self, .opened(owner: "Ada"))
///         .when(.withdraw(amount: 5)).rejects(.insufficientFunds(balance: 0))
///
/// What does not hold becomes an issue of the test, at the line of the word that says it. Values that are not
/// `Equatable` are compared part by part. Whatever is specified, these are found on the way:
///
/// - events, rejections, and commands and states with a coding, that are not read as they were written;
/// - a `decide` that decides differently the second time, or on a state that was read back, or that changes its state;
/// - an `apply` by which the same events do not lead to the same state.
public struct Given<A: Aggregate> {
    private let subject: Subject<A>

    /// An aggregate to which these events have happened; without any, a new one.
    public init(
        _ type: A.Type,
        _ events: A.Event...,
        coder: any EventCoder = JSONEventCoder(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        self.init(type, events: events, coder: coder, sourceLocation: sourceLocation)
    }

    /// An aggregate to which these events have happened.
    public init(
        _ type: A.Type,
        events: [A.Event],
        coder: any EventCoder = JSONEventCoder(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var subject = Subject<A>(coder, at: sourceLocation)
        if !events.isEmpty { subject.take(events, at: sourceLocation) }
        self.subject = subject
    }

    /// An aggregate that has carried these commands out; one that is rejected is an issue.
    public init(
        _ type: A.Type,
        commands first: A.Command,
        _ others: A.Command...,
        coder: any EventCoder = JSONEventCoder(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var subject = Subject<A>(coder, at: sourceLocation)
        for command in [first] + others {
            if case .rejection(let rejection) = subject.carryOut(command, at: sourceLocation) {
                let texts = (Portrait(of: command).line, Portrait(of: rejection).line)
                Finding("The given command \(texts.0) was rejected: \(texts.1)").record(at: sourceLocation)
            }
        }
        self.subject = subject
    }

    /// Asks something of the aggregate.
    @discardableResult
    public func when(_ command: A.Command, sourceLocation: SourceLocation = #_sourceLocation) -> When<A> {
        When(command, subject, at: sourceLocation)
    }
}
