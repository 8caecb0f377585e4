import Skein
import SkeinTesting

/// A history and a log that are told step by step, and can be told wrong.
struct Tale {
    var history = History()
    var log: [StoredEvent] = []
    private var calls: [Int: History.CommandCall] = [:]
    private var operations = 0
    private let codec = JSONEventCoder().codec(for: Jar.Event.self)

    mutating func add(_ observation: History.Observation, _ node: String = "a") {
        let sequence = history.entries.count + 1
        let time = Duration.milliseconds(sequence)
        history.entries.append(History.Entry(sequence: sequence, time: time, node: node, observation))
    }

    static func stream(_ jar: String) -> StreamID { Jar.ID(jar).stream }

    static func id(_ number: Int) -> CommandID { CommandID(high: 0, low: UInt64(number)) }

    func state(of jar: String) throws -> Jar {
        var state = Jar()
        for event in log where event.stream == Self.stream(jar) {
            state.apply(try codec.decode(event.name, event.schemaVersion, event.payload))
        }
        return state
    }

    mutating func begin(_ call: History.Call) -> Int {
        operations += 1
        if case .command(let command) = call { calls[operations] = command }
        add(.invoked(operation: operations, call))
        return operations
    }

    /// A client asks; the command's id is the operation's number, if none is given.
    mutating func ask(
        _ command: Jar.Command,
        of jar: String = "j",
        id: CommandID? = nil,
        expecting expected: ExpectedVersion = .any
    ) -> Int {
        let id = id ?? Self.id(operations + 1)
        let value = History.Value(command)
        return begin(
            .command(History.CommandCall(id: id, stream: Self.stream(jar), expected: expected, command: value))
        )
    }

    /// The log takes events: what the command of the operation decides, if nothing else is said.
    mutating func store(_ operation: Int, _ events: [Jar.Event]? = nil, in jar: String? = nil) throws {
        guard let call = calls[operation], let id = call.id, let command = call.command.value as? Jar.Command else {
            return
        }
        let jar = jar ?? call.stream.id
        let decided = try events ?? state(of: jar).decide(command)
        for (ordinal, event) in decided.enumerated() {
            let (name, payload) = try codec.encode(event)
            let before = log.count { $0.stream == Self.stream(jar) }
            // Ids repeat only where a test says so.
            let repetition = log.count { $0.commandID == id }
            log.append(
                StoredEvent(
                    position: Int64(log.count + 1),
                    stream: Self.stream(jar),
                    version: Int64(before + 1),
                    id: EventID(command: id, ordinal: max(ordinal, repetition)),
                    name: name,
                    schemaVersion: 1,
                    payload: payload,
                    metadata: EventMetadata(),
                    commandID: id,
                    commandFingerprint: 1,
                    recordedAt: Timestamp(microseconds: 0)
                )
            )
        }
    }

    /// The client is told the truth about its command, or something near it.
    mutating func acknowledge(
        _ operation: Int,
        isRepeated: Bool = false,
        _ doctor: (inout History.Acknowledgement) -> Void = { _ in }
    ) {
        guard let call = calls[operation], let id = call.id else { return }
        let stored = log.filter { $0.commandID == id }
        let before = log.last { $0.stream == call.stream }
        var receipt = History.Acknowledgement(
            commandID: id,
            version: (stored.last ?? before)?.version ?? 0,
            position: (stored.last ?? before)?.position ?? 0,
            events: stored.map(\.id),
            isRepeated: isRepeated
        )
        doctor(&receipt)
        add(.completed(operation: operation, .acknowledged(receipt)))
    }

    mutating func answer(_ operation: Int, _ answer: History.Answer) {
        add(.completed(operation: operation, answer))
    }

    /// Asks, stores and acknowledges.
    @discardableResult
    mutating func carryOut(_ command: Jar.Command, of jar: String = "j") throws -> Int {
        let operation = ask(command, of: jar)
        try store(operation)
        acknowledge(operation)
        return operation
    }

    mutating func read(_ jar: String = "j", sum: Int) {
        let operation = begin(.read(Self.stream(jar)))
        answer(operation, .state(History.Value(Jar(sum: sum))))
    }

    mutating func claim(_ position: Int64, epoch: Int64, by node: String = "a") {
        add(.claimed(Checkpoint(subscription: "view", position: position, epoch: epoch)), node)
    }

    mutating func move(_ position: Int64, epoch: Int64, by node: String = "a") {
        add(.moved(Checkpoint(subscription: "view", position: position, epoch: epoch)), node)
    }

    func delivery(_ position: Int) -> History.Delivery {
        History.Delivery(log[position - 1], to: "view")
    }

    mutating func deliver(_ positions: Int..., to node: String = "a") {
        for position in positions {
            add(.delivered(delivery(position)), node)
            add(.handled(delivery(position)), node)
        }
    }

    /// What a checker finds, with everything switched on.
    func violations(_ configure: (inout HistoryChecker) -> Void = { _ in }) -> [Violation] {
        var checker = HistoryChecker(checks: [LinearizabilityCheck(Jar.self)])
        configure(&checker)
        return checker.check(history, against: log)
    }

    /// The kinds of what a checker finds.
    func kinds(_ configure: (inout HistoryChecker) -> Void = { _ in }) -> [Violation.Kind] {
        violations(configure).map(\.kind)
    }
}
