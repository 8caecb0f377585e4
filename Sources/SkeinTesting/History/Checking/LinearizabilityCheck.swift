public import Skein

/// Whether what clients saw of each aggregate of a type can be explained by one order that agrees with real time.
///
/// The order of the writes is that of the stream. An operation that was over before another one began must come first in
/// it; each command's events must be what `decide` makes of the state before them; each rejection, each "nothing
/// happened" and each state that was read must be true at a version between what was known when it was asked for and
/// what there could be when it was answered; and expected versions must have been kept.
///
/// States, events and rejections are compared by `==` if they have it, otherwise by their JSON, which takes long.
/// Commands are taken as they were recorded; those from a file are decoded, and passed over if that is impossible.
public struct LinearizabilityCheck<A: Aggregate>: HistoryCheck {
    /// Creates a check.
    public init(_ type: A.Type) {}

    public func violations(in run: CheckedRun) -> [Violation] {
        let replay = run.replay(of: A.self)
        var violations: [Violation] = []
        var operations: [Int: StreamOperations] = [:]
        for stream in replay.streams {
            if let problem = stream.problem { violations.append(problem) }
            operations[stream.index] = StreamOperations()
        }
        for command in run.commands { sort(command, run, into: &operations) }
        for (index, read) in run.reads.enumerated() {
            guard case .state? = read.answer, operations[read.stream] != nil else { continue }
            operations[read.stream]?.observations.append(Observation(.read(index), read.invoked, read.completed))
        }
        let comparison = Comparison<A>()
        for stream in replay.streams {
            guard let found = operations[stream.index] else { continue }
            var judge = StreamJudge(comparison, stream, run)
            judge.judge(found)
            violations += judge.violations
        }
        return violations
    }

    /// Puts a command's effect and its answers to the stream that they belong to.
    private func sort(_ command: CheckedRun.Command, _ run: CheckedRun, into operations: inout [Int: StreamOperations])
    {
        if let effect = command.effect, operations[effect.stream] != nil {
            operations[effect.stream]?.writes.append(Write(command, effect, run))
        }
        // One answer will do for all repetitions; that they are equal is checked elsewhere.
        var isObserved = false
        for index in command.sends {
            let send = run.sends[index]
            guard operations[send.stream] != nil else { continue }
            let kind: Observation.Kind
            switch send.answer {
            case .rejected?:
                kind = .rejection(index, isRepeated: command.sends.count > 1)
            case .acknowledged(let receipt)? where receipt.events?.isEmpty == true:
                kind = .nothing(index, receipt.version)
            case .failed(let failure)?:
                guard let version = failure.actualVersion else { continue }
                let conflict = Observation(.conflict(index, version), send.invoked, send.completed)
                operations[send.stream]?.observations.append(conflict)
                continue
            default:
                continue
            }
            guard !isObserved else { continue }
            isObserved = true
            let first = command.firstMoment(run)
            operations[send.stream]?.observations.append(Observation(kind, first, send.completed))
        }
    }
}

/// What has happened to one stream, in no order.
struct StreamOperations {
    var writes: [Write] = []
    var observations: [Observation] = []
}

/// A command with events, and when it can have stored them.
struct Write {
    let command: CheckedRun.Command
    let effect: CheckedRun.Effect
    /// The stream's version after the command.
    let version: Int64
    let invoked: Int
    let completed: Int

    init(_ command: CheckedRun.Command, _ effect: CheckedRun.Effect, _ run: CheckedRun) {
        self.command = command
        self.effect = effect
        version = run.log[effect.start + effect.count - 1].version
        invoked = command.firstMoment(run)
        completed = command.sends.reduce(Int.max) { earliest, index in
            run.sends[index].isAcknowledged ? min(earliest, run.sends[index].completed) : earliest
        }
    }

    /// The stream's version before the command.
    var versionBefore: Int64 { version - Int64(effect.count) }
}

/// An answer that tells something about the stream and changes nothing.
struct Observation {
    /// What was seen; the numbers are indices of sends and reads.
    enum Kind {
        case read(Int), rejection(Int, isRepeated: Bool), nothing(Int, Int64), conflict(Int, Int64)
    }

    let kind: Kind
    let invoked: Int
    let completed: Int

    init(_ kind: Kind, _ invoked: Int, _ completed: Int) {
        self.kind = kind
        self.invoked = invoked
        self.completed = completed
    }
}

extension CheckedRun.Command {
    /// When the command can have been decided first: a send that has stored nothing does not count.
    func firstMoment(_ run: CheckedRun) -> Int {
        var first = Int.max
        for index in sends {
            let send = run.sends[index]
            if case .failed = send.answer { continue }
            first = min(first, send.invoked)
        }
        return first == .max ? 0 : first
    }
}
