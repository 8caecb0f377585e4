public import Skein
public import Testing

/// What came of a command: what is said about it is checked, and the next command may follow.
public struct When<A: Aggregate> {
    private let command: A.Command
    private let decision: Decision<A>
    private let subject: Subject<A>

    init(_ command: A.Command, _ subject: Subject<A>, at sourceLocation: SourceLocation) {
        var subject = subject
        self.command = command
        decision = subject.carryOut(command, at: sourceLocation)
        self.subject = subject
    }

    /// Expects these events and no others, in this order.
    @discardableResult
    public func produces(_ events: A.Event..., sourceLocation: SourceLocation = #_sourceLocation) -> When {
        expect(.events(events), sourceLocation)
    }

    /// Expects these events and no others, in this order.
    @discardableResult
    public func produces(events: [A.Event], sourceLocation: SourceLocation = #_sourceLocation) -> When {
        expect(.events(events), sourceLocation)
    }

    /// Expects that the command is fine and changes nothing.
    @discardableResult
    public func producesNothing(sourceLocation: SourceLocation = #_sourceLocation) -> When {
        expect(.events([]), sourceLocation)
    }

    /// Expects that the domain says no.
    @discardableResult
    public func rejects(_ rejection: A.Rejection, sourceLocation: SourceLocation = #_sourceLocation) -> When {
        expect(.rejection(rejection), sourceLocation)
    }

    /// Expects a state.
    @discardableResult
    public func leaves(_ state: A, sourceLocation: SourceLocation = #_sourceLocation) -> When {
        if !Likeness.holds(state, subject.state) {
            let difference = SideBySide("expected", state: state, "actual", state: subject.state)
            Finding("\(text) left another state:", difference).record(at: sourceLocation)
        }
        return self
    }

    /// Expects a part of the state, `.leaves(\.balance, 70)`.
    @discardableResult
    public func leaves<Value>(
        _ part: (A) -> Value,
        _ expected: Value,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> When {
        let actual = part(subject.state)
        if !Likeness.holds(expected, actual) {
            let difference = SideBySide("expected", [expected], "actual", [actual])
            Finding("\(text) left another value:", difference).record(at: sourceLocation)
        }
        return self
    }

    /// Expects that something holds for the state.
    @discardableResult
    public func leaves(
        sourceLocation: SourceLocation = #_sourceLocation,
        where holds: (A) throws -> Bool
    ) rethrows -> When {
        if try !holds(subject.state) {
            let lines = Portrait(of: subject.state).lines(width: SideBySide.columnWidth, isOpen: true)
            let state = lines.map { "  " + $0 }.joined(separator: "\n")
            Finding("\(text) left a state for which this does not hold:\n\(state)").record(at: sourceLocation)
        }
        return self
    }

    /// Looks at the state, with `#expect` for one.
    @discardableResult
    public func leaves(where inspect: (A) throws -> Void) rethrows -> When {
        try inspect(subject.state)
        return self
    }

    /// Asks the next thing of the aggregate.
    @discardableResult
    public func when(_ command: A.Command, sourceLocation: SourceLocation = #_sourceLocation) -> When {
        When(command, subject, at: sourceLocation)
    }

    private func expect(_ expected: Decision<A>, _ sourceLocation: SourceLocation) -> When {
        if !decision.isSame(as: expected) {
            let difference = SideBySide("expected", expected.shown, "actual", decision.shown)
            Finding("\(text) came to something else: \(decision.summary).", difference).record(at: sourceLocation)
        }
        return self
    }

    private var text: String { Portrait(of: command).line }
}
