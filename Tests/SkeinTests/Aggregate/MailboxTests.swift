import Testing

@testable import Skein

@Suite struct MailboxTests {
    @Test func `the first leads, the next wait up to the limit, and leave in their order`() {
        var mailbox = Mailbox()
        let commands = (0..<5).map { Self.command($0) }
        #expect(mailbox.admit(commands[0], limit: 3) == .lead)
        for command in commands[1...3] { #expect(mailbox.admit(command, limit: 3) == .wait) }
        #expect(mailbox.admit(commands[4], limit: 3) == .refused)
        #expect(Self.taken(from: &mailbox, limit: 2) == commands[1...2].map(\.id))
        #expect(mailbox.next()?.id == commands[3].id)
        #expect(mailbox.next() == nil)
        #expect(mailbox.admit(commands[4], limit: 3) == .lead)
    }

    @Test func `commands that were taken back are left behind and give their room away`() {
        var mailbox = Mailbox()
        let commands = (0..<4).map { Self.command($0) }
        _ = mailbox.admit(commands[0], limit: 2)
        _ = mailbox.admit(commands[1], limit: 2)
        _ = mailbox.admit(commands[2], limit: 2)
        commands[1].drop(because: .other(.cancelled))
        #expect(mailbox.admit(commands[3], limit: 2) == .wait)
        commands[2].drop(because: .other(.cancelled))
        #expect(Self.taken(from: &mailbox, limit: 9) == [commands[3].id])
    }

    @Test func `the lead is given to one at a time`() {
        var mailbox = Mailbox()
        let idle = mailbox.takeLead()
        let led = mailbox.takeLead()
        #expect(idle)
        #expect(!led)
        #expect(mailbox.admit(Self.command(1), limit: 1) == .wait)
    }

    @Test func `a claimed command is dropped only before it is decided, a promoted one not at all`() {
        let claimed = Self.command(1)
        let first = claimed.claim()
        let second = claimed.claim()
        #expect(first && !second)
        #expect(claimed.reasonToDrop(at: nil) == nil)
        claimed.drop(because: .other(.cancelled))
        #expect(!claimed.isAnswered)
        #expect(claimed.reasonToDrop(at: nil) != nil)
        let promoted = Self.command(2)
        let isPromoted = promoted.promote()
        #expect(isPromoted)
        let late = Self.command(3)
        late.drop(because: .other(.cancelled))
        let isLatePromoted = late.promote()
        #expect(!isLatePromoted)
        #expect(late.isAnswered)
    }

    @Test func `a command may be decided until its deadline`() {
        let command = Self.command(1, deadline: .seconds(5))
        #expect(command.reasonToDrop(at: .milliseconds(4_999)) == nil)
        #expect(command.reasonToDrop(at: .seconds(5)) != nil)
        #expect(command.reasonToDrop(at: nil) == nil)
    }

    private static func taken(from mailbox: inout Mailbox, limit: Int) -> [CommandID] {
        var batch: [PendingCommand] = []
        mailbox.take(into: &batch, limit: limit)
        return batch.map(\.id)
    }

    private static func command(_ number: Int, deadline: Duration? = nil) -> PendingCommand {
        PendingCommand(
            TypedCommand<BankAccount>(.touch, read: nil),
            id: CommandID(high: 0, low: UInt64(number)),
            deadline: deadline
        )
    }
}
