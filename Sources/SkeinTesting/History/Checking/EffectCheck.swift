import Skein

/// What clients were told of their commands is what the log says: nothing lost, nothing twice, nothing unasked for.
struct EffectCheck {
    let allowsForeignCommands: Bool
    let deletedStreams: Set<StreamID>

    func check(_ run: CheckedRun, _ violations: inout [Violation]) {
        var unnamed = commandsWithoutID(run)
        for command in run.commands {
            if !command.strays.isEmpty, let effect = command.effect {
                let places = [effect.start] + command.strays
                violations.append(
                    Violation(
                        .appliedTwice,
                        "the events of \(command.name) are in the log more than once, or torn apart",
                        entries: command.entries(run),
                        positions: places.map { run.log[$0].position }
                    )
                )
            }
            guard !command.sends.isEmpty else {
                checkForeign(command, &unnamed, run, &violations)
                continue
            }
            guard command.id != nil else { continue }
            let stream = run.sends[command.sends[0]].stream
            guard deletedStreams.isEmpty || !deletedStreams.contains(run.streams[stream]) else { continue }
            for send in command.sends { check(run.sends[send], command, run, &violations) }
            checkFailures(command, run, &violations)
            if command.sends.count > 1 { checkRepetition(command, run, &violations) }
        }
    }

    /// For each stream, how many commands there may be whose ids nobody knows.
    private func commandsWithoutID(_ run: CheckedRun) -> [Int] {
        var counts = Array(repeating: 0, count: run.streams.count)
        for command in run.commands where command.id == nil {
            for send in command.sends where !run.sends[send].hasFailed { counts[run.sends[send].stream] += 1 }
        }
        return counts
    }

    private func checkForeign(
        _ command: CheckedRun.Command,
        _ unnamed: inout [Int],
        _ run: CheckedRun,
        _ violations: inout [Violation]
    ) {
        guard !allowsForeignCommands, let effect = command.effect else { return }
        guard unnamed[effect.stream] == 0 else {
            unnamed[effect.stream] -= 1
            return
        }
        let text = "\(run.streams[effect.stream]) has events of \(command.name), which nobody sent"
        violations.append(Violation(.unexplainedEvents, text, positions: effect.positions(run)))
    }

    private func checkFailures(_ command: CheckedRun.Command, _ run: CheckedRun, _ violations: inout [Violation]) {
        guard let effect = command.effect else { return }
        if command.sends.count == 1, run.sends[command.sends[0]].isAcknowledged { return }
        let sends = command.sends.map { run.sends[$0] }
        let isExplained = sends.contains { !$0.hasFailed } && !sends.contains { $0.isRejected }
        guard !isExplained else { return }
        violations.append(
            Violation(
                .storedDespiteFailure,
                "\(command.name) has events, although its sender was told that it stored nothing",
                entries: command.entries(run),
                positions: effect.positions(run)
            )
        )
    }

    private func check(
        _ send: CheckedRun.Send,
        _ command: CheckedRun.Command,
        _ run: CheckedRun,
        _ violations: inout [Violation]
    ) {
        guard case .acknowledged(let receipt)? = send.answer else { return }
        func report(_ kind: Violation.Kind, _ text: String) {
            let positions = command.effect?.positions(run) ?? []
            let entries = run.sequences(send.invoked, send.completed)
            violations.append(Violation(kind, "\(command.name) \(text)", entries: entries, positions: positions))
        }
        if let id = send.call.id, id != receipt.commandID {
            report(.wrongReceipt, "was answered with the id \(receipt.commandID)")
        }
        guard let effect = command.effect else {
            if receipt.events?.isEmpty == false {
                report(.acknowledgedLost, "was acknowledged, and none of its events are in the log")
            } else if receipt.version > Int64(run.streamEvents[send.stream].count) || receipt.version < 0 {
                report(.wrongReceipt, "was answered with version \(receipt.version), which there is not")
            }
            return
        }
        guard effect.stream == send.stream else {
            report(.acknowledgedLost, "was acknowledged, and its events are in \(run.streams[effect.stream])")
            return
        }
        let stored = effect.ids(run)
        if let told = receipt.events, told != stored {
            if stored.count < told.count, told.starts(with: stored) {
                report(.acknowledgedLost, "was acknowledged, and \(stored.count) of its \(told.count) events are there")
            } else if !told.isEmpty, stored.starts(with: told) {
                report(.appliedTwice, "has \(stored.count) events in the log, and was acknowledged with \(told.count)")
            } else {
                report(.wrongReceipt, "was answered with other events than the log has")
            }
            return
        }
        let last = run.log[effect.start + effect.count - 1]
        if receipt.version != last.version {
            report(.wrongReceipt, "was answered with version \(receipt.version), it is at \(last.version)")
        }
        if receipt.position != last.position {
            report(.wrongReceipt, "was answered with position \(receipt.position), it is at \(last.position)")
        }
    }

    /// All answers to one id are the first one's.
    private func checkRepetition(_ command: CheckedRun.Command, _ run: CheckedRun, _ violations: inout [Violation]) {
        var first: CheckedRun.Send?
        var original: CheckedRun.Send?
        for send in command.sends.map({ run.sends[$0] }) where send.isAcknowledged || send.isRejected {
            if let first, !first.hasSameAnswer(as: send) {
                violations.append(
                    Violation(
                        .changedAnswer,
                        "\(command.name) was given different answers",
                        entries: run.sequences(first.completed, send.completed)
                    )
                )
            }
            if send.claimsToBeFirst {
                if let original {
                    violations.append(
                        Violation(
                            .changedAnswer,
                            "\(command.name) was carried out anew, says each of two answers",
                            entries: run.sequences(original.completed, send.completed)
                        )
                    )
                }
                original = send
            }
            if first == nil { first = send }
        }
    }
}

extension CheckedRun.Command {
    var name: String {
        id.map { "command \($0)" } ?? "a command without id"
    }

    func entries(_ run: CheckedRun) -> [Int] {
        sends.flatMap { run.sequences(run.sends[$0].invoked, run.sends[$0].completed) }
    }
}

extension CheckedRun.Effect {
    func positions(_ run: CheckedRun) -> [Int64] {
        run.log[start..<(start + count)].map(\.position)
    }

    fileprivate func ids(_ run: CheckedRun) -> [EventID] {
        var ids: [EventID] = []
        for place in start..<(start + count) { ids.append(run.log[place].id) }
        return ids
    }
}

extension CheckedRun.Send {
    var isRejected: Bool {
        if case .rejected = answer { true } else { false }
    }

    fileprivate var claimsToBeFirst: Bool {
        guard case .acknowledged(let receipt)? = answer else { return false }
        return !receipt.isRepeated && receipt.events != nil
    }

    fileprivate func hasSameAnswer(as other: Self) -> Bool {
        switch (answer, other.answer) {
        case (.acknowledged(let mine)?, .acknowledged(let its)?):
            mine.version == its.version && (mine.events == its.events || mine.events == nil || its.events == nil)
        case (.rejected(let mine)?, .rejected(let its)?): mine == its
        default: false
        }
    }
}
