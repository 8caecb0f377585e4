import Skein
import SkeinTesting

/// A client that moves money, reads, asks, and sends again what it has sent before.
struct BankClient {
    let bus: RecordedBus
    let recorder: HistoryRecorder
    var random: SeededRandom
    private var sent: [Sent] = []

    struct Sent {
        let command: Account.Command
        let account: Account.ID
        let id: CommandID
    }

    init(bus: RecordedBus, recorder: HistoryRecorder, random: SeededRandom) {
        self.bus = bus
        self.recorder = recorder
        self.random = random
    }

    /// Acts until it is told to end; what it has begun by then it brings to an end.
    mutating func act(until isOver: () -> Bool) async {
        while !isOver() {
            let (from, other) = (pick(), pick())
            switch random.next(upperBound: 12 as UInt64) {
            case 0, 1:
                _ = try? await bus.state(of: from)
            case 2:
                guard let again = sent.randomElement(using: &random) else { continue }
                await sendUntilKnown(again)
            case 3:
                guard let again = sent.randomElement(using: &random) else { continue }
                await sendTwiceAtOnce(again)
            case 4:
                guard let again = sent.randomElement(using: &random) else { continue }
                _ = try? await bus.outcome(of: again.id)
            case 5:
                let expected = ExpectedVersion.exactly(Int64.random(in: 1...500, using: &random))
                let options = CommandOptions(expectedVersion: expected)
                _ = try? await bus.send(.withdraw(amount: 1_000_000, to: other.value), to: from, options: options)
            case 6:
                await sendUntilKnown(new(.withdraw(amount: 1_000_000, to: other.value), from))
            case 7:
                await sendUntilKnown(new(.withdraw(amount: 0, to: other.value), from))
            case 8:
                // A new command that two tasks send.
                await sendTwiceAtOnce(new(.withdraw(amount: 1, to: other.value), from))
            default:
                let amount = Int.random(in: 1...60, using: &random)
                let withdrawal = new(.withdraw(amount: amount, to: other.value), from)
                guard await sendUntilKnown(withdrawal), Bool.random(using: &random) else { continue }
                // The subscription sends the same, maybe at the same time in another process.
                let id = Bank.deposit(after: EventID(command: withdrawal.id, ordinal: 0))
                await sendUntilKnown(Sent(command: .deposit(amount: amount, from: from.value), account: other, id: id))
            }
            // So many commands that faults hit them, so few that the histories can be judged soon.
            try? await Task.sleep(for: .milliseconds(Int64.random(in: 0...40, using: &random)))
        }
    }

    /// Sends a command again and again until it is stored, or until the domain says no, which gives false.
    @discardableResult
    mutating func sendUntilKnown(_ command: Sent) async -> Bool {
        while true {
            do {
                try await bus.send(command.command, to: command.account, options: CommandOptions(id: command.id))
                return true
            } catch {
                if case .rejected = error { return false }
            }
            try? await Task.sleep(for: .milliseconds(Int64.random(in: 1...50, using: &random)))
        }
    }

    private mutating func sendTwiceAtOnce(_ command: Sent) async {
        let bus = bus
        async let first: Void = Self.send(command, bus)
        async let second: Void = Self.send(command, bus)
        _ = await (first, second)
        await sendUntilKnown(command)
    }

    private static func send(_ command: Sent, _ bus: RecordedBus) async {
        _ = try? await bus.send(command.command, to: command.account, options: CommandOptions(id: command.id))
    }

    private mutating func new(_ command: Account.Command, _ account: Account.ID) -> Sent {
        let new = Sent(command: command, account: account, id: recorder.nextCommandID())
        sent.append(new)
        if sent.count > 200 { sent.removeFirst(100) }
        return new
    }

    private mutating func pick() -> Account.ID {
        Bank.accounts[Int.random(in: 0..<Bank.accounts.count, using: &random)]
    }
}
