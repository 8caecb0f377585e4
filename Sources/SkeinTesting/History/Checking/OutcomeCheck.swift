import Skein

/// What was told of commands' outcomes is what the log and the answers say.
struct OutcomeCheck {
    let deletedStreams: Set<StreamID>

    func check(_ run: CheckedRun, _ violations: inout [Violation]) {
        for question in run.questions {
            guard case .outcome(let outcome)? = question.answer else { continue }
            let command = run.commandIndices[question.command].map { run.commands[$0] }
            if let effect = command?.effect, deletedStreams.contains(run.streams[effect.stream]) { continue }
            guard let problem = problem(with: outcome, question, command, run) else { continue }
            violations.append(
                Violation(
                    .wrongOutcome,
                    "the outcome of command \(question.command) was told as \(outcome), \(problem)",
                    entries: run.sequences(question.invoked, question.completed),
                    positions: command?.effect?.positions(run) ?? []
                )
            )
        }
    }

    private func problem(
        with outcome: History.Outcome,
        _ question: CheckedRun.Question,
        _ command: CheckedRun.Command?,
        _ run: CheckedRun
    ) -> String? {
        let sends = (command?.sends ?? []).map { run.sends[$0] }
        switch outcome {
        case .absent:
            let wasKnown = sends.contains { $0.completed < question.invoked && $0.isKept }
            return wasKnown ? "after its sender had been answered" : nil
        case .events(let ids, let version, let position):
            guard let effect = command?.effect else { return "and no event of it is in the log" }
            let last = run.log[effect.start + effect.count - 1]
            let stored = run.log[effect.start..<(effect.start + effect.count)].map(\.id)
            return ids == stored && version == last.version && position == last.position
                ? nil : "and the log says otherwise"
        case .rejection:
            if command?.effect != nil { return "and its events are in the log" }
            return sends.contains { $0.isAcknowledged } ? "and its sender was told otherwise" : nil
        case .nothing:
            if command?.effect != nil { return "and its events are in the log" }
            return sends.contains { $0.isRejected } ? "and its sender was told otherwise" : nil
        }
    }
}

extension CheckedRun.Send {
    /// Whether the answer means that the store knows the command: it has events, or an id that the sender chose.
    fileprivate var isKept: Bool {
        switch answer {
        case .acknowledged(let receipt): call.id != nil || receipt.events?.isEmpty == false
        case .rejected: call.id != nil
        default: false
        }
    }
}
