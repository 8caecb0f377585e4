import Skein

/// What an aggregate says to a command.
enum Decision<A: Aggregate> {
    case events([A.Event])
    case rejection(A.Rejection)

    init(of command: A.Command, by state: A) {
        do throws(A.Rejection) {
            self = .events(try state.decide(command))
        } catch {
            self = .rejection(error)
        }
    }

    func isSame(as other: Decision) -> Bool {
        switch (self, other) {
        case (.events(let left), .events(let right)):
            left.count == right.count && zip(left, right).allSatisfy { Likeness.holds($0, $1) }
        case (.rejection(let left), .rejection(let right)):
            Likeness.holds(left, right)
        default:
            false
        }
    }

    /// What is shown of it: its events, or a word and the rejection.
    var shown: [Any] {
        switch self {
        case .events(let events): events.isEmpty ? [Verdict(word: "nothing")] : events
        case .rejection(let rejection): [Verdict(word: "rejected", value: rejection)]
        }
    }

    /// What came of it, for a headline.
    var summary: String {
        switch self {
        case .events(let events) where events.isEmpty: "nothing happened"
        case .events(let events): events.count == 1 ? "it produced an event" : "it produced \(events.count) events"
        case .rejection: "it was rejected"
        }
    }
}
