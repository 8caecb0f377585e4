import Skein

/// Judges the operations on one aggregate.
struct StreamJudge<A: Aggregate> {
    let check: Comparison<A>
    let stream: Replay<A>.Stream
    let run: CheckedRun
    private(set) var violations: [Violation] = []

    init(_ check: Comparison<A>, _ stream: Replay<A>.Stream, _ run: CheckedRun) {
        self.check = check
        self.stream = stream
        self.run = run
    }

    mutating func judge(_ operations: StreamOperations) {
        var writes = operations.writes
        writes.sort { $0.version < $1.version }
        judgeRealTime(writes)
        for write in writes { judge(write) }
        var bounds = VersionBounds(writes, end: stream.version)
        for observation in operations.observations.sorted(by: { $0.completed < $1.completed }) {
            judge(observation, &bounds)
        }
    }

    mutating func report(_ kind: Violation.Kind, _ text: String, _ moments: [Int], positions: [Int64] = []) {
        let entries = moments.filter { $0 < run.history.entries.count }.map(run.sequence)
        violations.append(Violation(kind, "\(stream.id): \(text)", entries: entries, positions: positions))
    }

    /// What was over before something began comes first.
    private mutating func judgeRealTime(_ writes: [Write]) {
        var latest: Write?
        for write in writes {
            if let latest, write.completed < latest.invoked {
                report(
                    .realTimeOrder,
                    "version \(write.version) was acknowledged before version \(latest.version) was asked for",
                    [write.completed, latest.invoked],
                    positions: latest.effect.positions(run) + write.effect.positions(run)
                )
            }
            if latest.map({ $0.invoked < write.invoked }) ?? true { latest = write }
        }
    }

    /// A command's events are what its decision on the state before them makes.
    private mutating func judge(_ write: Write) {
        guard write.versionBefore >= 0, write.version <= stream.version else { return }
        let before = stream.states[Int(write.versionBefore)]
        let stored = stream.events[Int(write.versionBefore)..<Int(write.version)]
        var candidates: [(send: CheckedRun.Send, decided: [A.Event]?)] = []
        for index in write.command.sends {
            let send = run.sends[index]
            guard !send.hasFailed, let command = send.call.command.typed(A.Command.self) else { continue }
            let decided = try? before.decide(command)
            if case .acknowledged(let receipt)? = send.answer {
                judgeReceipt(receipt, send, stored, write)
                if decided.map({ check.sameEvent(stored, $0) }) != true {
                    reportDecision(decided, send, write)
                }
                judgeExpectation(of: send, at: write.versionBefore, write.command)
                return
            }
            candidates.append((send, decided))
        }
        guard let first = candidates.first else { return }
        if let match = candidates.first(where: { $0.decided.map { check.sameEvent(stored, $0) } == true }) {
            judgeExpectation(of: match.send, at: write.versionBefore, write.command)
        } else {
            reportDecision(first.decided, first.send, write)
        }
    }

    private mutating func reportDecision(_ decided: [A.Event]?, _ send: CheckedRun.Send, _ write: Write) {
        let before = write.versionBefore
        let stored = stream.events[Int(before)..<Int(write.version)]
        let isPart = decided.map { $0.count > stored.count && check.sameEvent(stored, Array($0.prefix(stored.count))) }
        report(
            isPart == true ? .partialEffect : .wrongDecision,
            "\(send.call.command) on version \(before) decides \(decided.map { "\($0)" } ?? "against it"), "
                + "stored are \(Array(stored))",
            [send.invoked, send.completed],
            positions: write.effect.positions(run)
        )
    }

    /// The events in a receipt are those in the log.
    private mutating func judgeReceipt(
        _ receipt: History.Acknowledgement,
        _ send: CheckedRun.Send,
        _ stored: ArraySlice<A.Event>,
        _ write: Write
    ) {
        guard let told = receipt.values?.value as? [A.Event], !check.sameEvent(stored, told) else { return }
        let text = "\(send.call.command) was answered with \(told), stored are \(Array(stored))"
        report(.wrongReceipt, text, [send.invoked, send.completed], positions: write.effect.positions(run))
    }

    /// A sender's expectation was met. A repetition has none: it gets the first answer whatever it expects.
    mutating func judgeExpectation(of send: CheckedRun.Send, at version: Int64, _ command: CheckedRun.Command) {
        guard command.sends.count == 1, !send.call.expected.allows(version) else { return }
        report(
            .expectedVersionIgnored,
            "\(send.call.command) was carried out on version \(version), not \(send.call.expected)",
            [send.invoked, send.completed]
        )
    }
}
