public import Skein

/// A history and a log, with what belongs together in them found and joined.
///
/// The order of the history is told by the indices of its entries, which are called moments below.
public final class CheckedRun {
    /// A command that was sent once.
    struct Send {
        let call: History.CommandCall
        let stream: Int
        let invoked: Int
        var completed = Int.max
        var answer: History.Answer?
    }

    /// A read of a state.
    struct Read {
        let stream: Int
        let invoked: Int
        var completed = Int.max
        var answer: History.Answer?
    }

    /// A question for a command's outcome.
    struct Question {
        let command: CommandID
        let invoked: Int
        var completed = Int.max
        var answer: History.Answer?
    }

    /// A command, with all that was heard and stored of it.
    struct Command {
        /// Nil if nobody has told the id.
        let id: CommandID?
        var sends: [Int] = []
        /// Where the first of the command's events stands in the log.
        var effect: Effect?
        /// Where further events of it stand, which should not be there.
        var strays: [Int] = []
    }

    /// Neighbouring events of one command.
    struct Effect {
        let stream: Int
        let start: Int
        var count: Int
    }

    /// The history.
    public let history: History

    /// The log.
    public let log: [StoredEvent]

    let decoding: EventDecoding
    private(set) var problems: [Violation] = []
    private(set) var streams: [StreamID] = []
    /// For each stream, where its events stand in the log.
    private(set) var streamEvents: [[Int]] = []
    private(set) var sends: [Send] = []
    private(set) var reads: [Read] = []
    private(set) var questions: [Question] = []
    /// When something was delivered, handled, or became of a checkpoint.
    private(set) var subscriptionMoments: [Int] = []
    private(set) var commands: [Command] = []
    private(set) var commandIndices: [CommandID: Int] = [:]
    private var streamIndices: [StreamID: Int] = [:]
    /// What was replayed of each type, for all checks of a run.
    var replays: [ObjectIdentifier: any Sendable] = [:]

    init(_ history: History, _ log: [StoredEvent], _ decoding: EventDecoding) {
        self.history = history
        self.log = log
        self.decoding = decoding
        pairOperations()
        joinCommands()
        joinLog()
    }

    /// Where the event at a position stands in the log.
    func place(of position: Int64) -> Int? {
        // Without gaps, the position tells.
        let guess = Int(clamping: position) &- 1
        if guess >= 0, guess < log.count, log[guess].position == position { return guess }
        var low = 0
        var high = log.count
        while low < high {
            let middle = (low + high) / 2
            if log[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low < log.count && log[low].position == position ? low : nil
    }

    func sequence(_ moment: Int) -> Int {
        history.entries[moment].sequence
    }

    /// The sequence numbers of operations' entries, without those that never came.
    func sequences(_ moments: Int...) -> [Int] {
        moments.filter { $0 < history.entries.count }.map(sequence)
    }

    private func index(of stream: StreamID) -> Int {
        if let index = streamIndices[stream] { return index }
        streamIndices[stream] = streams.count
        streams.append(stream)
        streamEvents.append([])
        return streams.count - 1
    }
}

extension CheckedRun {
    private enum Opened {
        case send(Int), read(Int), question(Int), closed
    }

    private func pairOperations() {
        var opened: [Int: Opened] = [:]
        var last = Int.min
        for (moment, entry) in history.entries.enumerated() {
            if entry.sequence <= last {
                problems.append(Violation(.malformedHistory, "sequence numbers do not rise", entries: [entry.sequence]))
            }
            last = entry.sequence
            switch entry.observation {
            case .invoked(let operation, let call):
                if opened.updateValue(open(call, at: moment), forKey: operation) != nil {
                    let text = "operation \(operation) begins twice"
                    problems.append(Violation(.malformedHistory, text, entries: [entry.sequence]))
                }
            case .completed(let operation, let answer):
                guard let before = opened[operation], close(before, answer, at: moment) else {
                    let text = "operation \(operation) has an answer that belongs to no question"
                    problems.append(Violation(.malformedHistory, text, entries: [entry.sequence]))
                    continue
                }
                opened[operation] = .closed
            case .delivered, .handled, .claimed, .moved:
                subscriptionMoments.append(moment)
            case .noted:
                break
            }
        }
    }

    private func open(_ call: History.Call, at moment: Int) -> Opened {
        switch call {
        case .command(let call):
            sends.append(Send(call: call, stream: index(of: call.stream), invoked: moment))
            return .send(sends.count - 1)
        case .read(let stream):
            reads.append(Read(stream: index(of: stream), invoked: moment))
            return .read(reads.count - 1)
        case .outcome(let command):
            questions.append(Question(command: command, invoked: moment))
            return .question(questions.count - 1)
        }
    }

    /// Puts an answer to what it answers; false if it answers something else.
    private func close(_ opened: Opened, _ answer: History.Answer, at moment: Int) -> Bool {
        switch (opened, answer) {
        case (.send(let index), .acknowledged), (.send(let index), .rejected), (.send(let index), .failed),
            (.send(let index), .unknown):
            sends[index].completed = moment
            sends[index].answer = answer
        case (.read(let index), .state), (.read(let index), .failed), (.read(let index), .unknown):
            reads[index].completed = moment
            reads[index].answer = answer
        case (.question(let index), .outcome), (.question(let index), .failed), (.question(let index), .unknown):
            questions[index].completed = moment
            questions[index].answer = answer
        default:
            return false
        }
        return true
    }

    private func joinCommands() {
        for (index, send) in sends.enumerated() {
            guard let id = send.toldID else {
                commands.append(Command(id: nil, sends: [index]))
                continue
            }
            if let known = commandIndices[id] {
                commands[known].sends.append(index)
            } else {
                commandIndices[id] = commands.count
                commands.append(Command(id: id, sends: [index]))
            }
        }
    }

    private func joinLog() {
        // The command that the event before belongs to.
        var current = -1
        for (place, event) in log.enumerated() {
            let isNeighbour = place > 0 && current >= 0 && commands[current].id == event.commandID
            if isNeighbour, let effect = commands[current].effect, event.follows(log[place - 1]) {
                streamEvents[effect.stream].append(place)
                if effect.start + effect.count == place {
                    commands[current].effect?.count += 1
                } else {
                    commands[current].strays.append(place)
                }
                continue
            }
            let stream = index(of: event.stream)
            streamEvents[stream].append(place)
            if let known = commandIndices[event.commandID] {
                current = known
            } else {
                current = commands.count
                commandIndices[event.commandID] = current
                commands.append(Command(id: event.commandID))
            }
            if commands[current].effect == nil {
                commands[current].effect = Effect(stream: stream, start: place, count: 1)
            } else {
                commands[current].strays.append(place)
            }
        }
    }
}

extension CheckedRun.Send {
    /// The command's id: the sender's own, or the one that the answer has told.
    var toldID: CommandID? {
        if let id = call.id { return id }
        return switch answer {
        case .acknowledged(let receipt): receipt.commandID
        case .unknown(let id, _): id
        default: nil
        }
    }

    /// Whether the sender was told that nothing is stored.
    var hasFailed: Bool {
        switch answer {
        case .failed, .rejected: true
        default: false
        }
    }

    var isAcknowledged: Bool {
        if case .acknowledged = answer { true } else { false }
    }
}

extension StoredEvent {
    /// Whether this event is the next one of the same append.
    fileprivate func follows(_ other: StoredEvent) -> Bool {
        position == other.position + 1 && version == other.version + 1 && stream == other.stream
    }
}
