import Skein

extension StreamJudge {
    /// An answer is true at a version that was not history when it was asked for, and not the future when it came.
    mutating func judge(_ observation: Observation, _ bounds: inout VersionBounds) {
        let lowest = bounds.lowest(at: observation.invoked)
        let highest = min(bounds.highest(at: observation.completed), stream.version)
        let moments = [observation.invoked, observation.completed]
        let range = "between versions \(lowest) and \(highest)"
        guard lowest <= highest else {
            // Writes against real time were reported already; nothing can lie between them.
            return
        }
        switch observation.kind {
        case .nothing(let index, let version):
            judgeNothing(run.sends[index], version, lowest...highest, moments)
            if (lowest...highest).contains(version) { bounds.note(version, completed: observation.completed) }
        case .conflict(let index, let version):
            let send = run.sends[index]
            if send.call.expected.allows(version) {
                let text = "\(send.call.command) was refused at version \(version), which it wants"
                report(.expectedVersionIgnored, text, moments)
            } else if !(lowest...highest).contains(version) {
                let kind: Violation.Kind = version < lowest ? .staleAnswer : .unexplainedAnswer
                report(kind, "a conflict with version \(version) was told, \(range)", moments)
            } else {
                bounds.note(version, completed: observation.completed)
            }
        case .rejection(let index, let isRepeated):
            let send = run.sends[index]
            guard
                case .rejected(let rejection)? = send.answer,
                let command = send.call.command.typed(A.Command.self),
                let told = rejection.typed(A.Rejection.self)
            else { return }
            // A repetition gets the first answer, whatever it expects.
            let expected = isRepeated ? .any : send.call.expected
            settle(lowest, highest, observation, &bounds, what: "\(send.call.command) was rejected with \(told)") {
                version,
                state,
                check in
                do throws(A.Rejection) {
                    _ = try state.decide(command)
                    return false
                } catch {
                    return expected.allows(version) && check.sameRejection(error, told)
                }
            }
        case .read(let index):
            guard case .state(let state)? = run.reads[index].answer else { return }
            if let told = state.value as? A {
                settle(lowest, highest, observation, &bounds, what: "\(told) was read") { _, state, check in
                    check.sameState(state, told)
                }
            } else {
                let text = state.text
                settle(lowest, highest, observation, &bounds, what: "\(text) was read") { _, state, _ in
                    History.Value(state).text == text
                }
            }
        }
    }

    /// Finds the earliest version that explains an answer. To take the earliest leaves the most room to those after it.
    private mutating func settle(
        _ lowest: Int64,
        _ highest: Int64,
        _ observation: Observation,
        _ bounds: inout VersionBounds,
        what: @autoclosure () -> String,
        isTrue: (Int64, A, Comparison<A>) -> Bool
    ) {
        for version in lowest...highest where isTrue(version, stream.states[Int(version)], check) {
            bounds.note(version, completed: observation.completed)
            return
        }
        let stale = (0..<lowest).last { isTrue($0, stream.states[Int($0)], check) }
        let fits = stale.map { "it fits version \($0)" } ?? "it fits no version before"
        report(
            stale == nil ? .unexplainedAnswer : .staleAnswer,
            "\(what()) between versions \(lowest) and \(highest); \(fits)",
            [observation.invoked, observation.completed]
        )
    }

    private mutating func judgeNothing(
        _ send: CheckedRun.Send,
        _ version: Int64,
        _ range: ClosedRange<Int64>,
        _ moments: [Int]
    ) {
        guard range.contains(version) else {
            let kind: Violation.Kind = version < range.lowerBound ? .staleAnswer : .unexplainedAnswer
            let text = "\(send.call.command) changed nothing at version \(version), "
            report(kind, text + "between versions \(range.lowerBound) and \(range.upperBound)", moments)
            return
        }
        if let command = send.call.command.typed(A.Command.self) {
            let decided = try? stream.states[Int(version)].decide(command)
            if decided?.isEmpty != true {
                let made = decided.map { "\($0)" } ?? "against it"
                let text = "\(send.call.command) changed nothing, version \(version) decides \(made)"
                report(.wrongDecision, text, moments)
            }
        }
    }
}
