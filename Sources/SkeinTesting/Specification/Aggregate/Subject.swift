import Skein
import Testing

/// An aggregate that is specified: its state, what led to it, and what must hold whatever is asked of it.
struct Subject<A: Aggregate> {
    private let coding: CodingCheck<A>
    private var notebook = Notebook()
    /// The events as a store would give them back.
    private var history: [A.Event] = []
    private(set) var state = A()
    /// Whether decide has changed the state, so that it is no more what its events lead to.
    private var isSpoilt = false
    /// The state made from its events alone; nil once the two differ.
    private var rebuilt: A? = A()
    /// The state as a snapshot would give it back; nil without a coding, or once the two differ.
    private var restored: A?

    init(_ coder: any EventCoder, at sourceLocation: SourceLocation) {
        coding = CodingCheck(coder)
        do {
            try StreamID(aggregate: A.aggregateName, id: "specified").validate()
        } catch {
            note(Finding("\(A.self) cannot be stored: \(error)"), sourceLocation)
        }
        compareState(sourceLocation)
    }

    /// Applies events, and compares the state with the one that the stored events lead to.
    mutating func take(_ events: [A.Event], at sourceLocation: SourceLocation) {
        for event in events {
            let (_, read, finding) = coding.event(event)
            note(finding, sourceLocation)
            // A broken coding is told once; what follows is about other things.
            history.append(read ?? event)
            state.apply(event)
        }
        compareState(sourceLocation)
    }

    /// Decides a command, several times over, and applies what follows.
    mutating func carryOut(_ command: A.Command, at sourceLocation: SourceLocation) -> Decision<A> {
        note(coding.command(command), sourceLocation)
        let before = Portrait(of: state, isComplete: true)
        let decision = Decision(of: command, by: state)
        let again = Decision(of: command, by: state)
        let text = Portrait(of: command).line
        let after = Portrait(of: state, isComplete: true)
        if before.line != after.line {
            isSpoilt = true
            let width = SideBySide.columnWidth
            let difference = SideBySide(
                .init("before", before.lines(width: width, isOpen: true)),
                .init("after", after.lines(width: width, isOpen: true))
            )
            note(Finding("decide(\(text)) changed the state, which only apply may do:", difference), sourceLocation)
        }
        if decision.isSame(as: again) {
            compare(decision, with: rebuilt, "rebuilt from its events", text, command, sourceLocation)
            compare(decision, with: restored, "read from a snapshot", text, command, sourceLocation)
        } else {
            let difference = SideBySide("the first time", decision.shown, "the second time", again.shown)
            note(
                Finding("decide(\(text)) is not pure: asked twice, it decided differently:", difference),
                sourceLocation
            )
        }
        switch decision {
        case .events(let events): take(events, at: sourceLocation)
        case .rejection(let rejection): note(coding.rejection(rejection), sourceLocation)
        }
        return decision
    }

    private mutating func compare(
        _ decision: Decision<A>,
        with other: A?,
        _ origin: String,
        _ text: String,
        _ command: A.Command,
        _ sourceLocation: SourceLocation
    ) {
        guard let other else { return }
        let otherDecision = Decision(of: command, by: other)
        guard !decision.isSame(as: otherDecision) else { return }
        let difference = SideBySide("on the state", decision.shown, "on the one \(origin)", otherDecision.shown)
        note(Finding("decide(\(text)) decides differently on a state that was \(origin):", difference), sourceLocation)
    }

    private mutating func compareState(_ sourceLocation: SourceLocation) {
        guard !isSpoilt else { return (rebuilt, restored) = (nil, nil) }
        var replayed = A()
        for event in history { replayed.apply(event) }
        rebuilt = Likeness.holds(state, replayed) ? replayed : nil
        if rebuilt == nil {
            let headline =
                "The state of \(A.aggregateName) is not what its events lead to: apply takes something from elsewhere."
            let difference = SideBySide(
                "applied as it happened",
                state: state,
                "rebuilt from the events",
                state: replayed
            )
            note(Finding(headline, difference), sourceLocation)
        }
        let (read, finding) = coding.state(state)
        restored = read
        note(finding, sourceLocation)
    }

    private mutating func note(_ finding: Finding?, _ sourceLocation: SourceLocation) {
        if let finding { notebook.note(finding, at: sourceLocation) }
    }
}
