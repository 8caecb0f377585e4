import Skein
import SkeinTesting
import Testing

/// What an ordinary specification finds by itself.
@Suite struct FindingTests {
    @Test func `an event that loses a field is found, whether it was given or produced`() throws {
        let line = #line
        let issues = caughtIssues {
            Given(Parcel<Forgetful>.self, .init(content: Forgetful(note: "")), .init(content: .init(note: "fragile")))
                .when(.init(content: Forgetful(note: "urgent")))
                .produces(.init(content: Forgetful(note: "urgent")))
        }
        try #require(issues.map(\.line) == [line + 2, line + 3])
        #expect(
            issues[0].text == """
                The event Event(content: Forgetful(name: "book", note: "fragile")), stored as Event \
                {"content":{"name":"book"}}, is not read as it was written:
                  written                                                    read
                  Event(content: Forgetful(name: "book", note: "fragile")) ≠ Event(content: Forgetful(name: "book", note: ""))
                """
        )
    }

    @Test func `an event that cannot be read again is found`() throws {
        let issues = caughtIssues { _ = Given(Parcel<Unreadable>.self, .init(content: Unreadable())) }
        try #require(issues.count == 1, "\(issues)")
        #expect(issues[0].text.contains(#"stored as Event {"content":"a text"}, cannot be read again: undecodable"#))
    }

    @Test func `an event that cannot be stored is found`() throws {
        Given(Parcel<Weight>.self).when(.init(content: Weight(kilograms: 1)))
        let issues = caughtIssues { Given(Parcel<Weight>.self).when(.init(content: Weight(kilograms: .infinity))) }
        try #require(issues.count == 1, "\(issues)")
        #expect(
            issues[0].text.hasPrefix("The event Event(content: Weight(kilograms: inf)) cannot be stored: unencodable")
        )
    }

    @Test func `a command, a rejection and a state that lose a field are found, each once`() throws {
        let line = #line
        let issues = caughtIssues {
            Given(Archive.self, .filed(reason: ""))
                .when(.init(isRefused: true, reason: "late"))
                .when(.init(reason: "lost"))
                .when(.init(reason: ""))
        }
        let texts = issues.map(\.text)
        try #require(texts.count == 4, "\(texts.joined(separator: "\n"))")
        #expect(
            texts[0].hasPrefix(#"The command Command(isRefused: true, reason: "late"), encoded as {"isRefused":true}"#)
        )
        #expect(texts[1].hasPrefix(#"The rejection Rejection(reason: "0"), encoded as {}, is not read"#))
        #expect(texts[2].hasPrefix(#"The command Command(isRefused: false, reason: "lost")"#))
        #expect(
            texts[3] == """
                The state of Archive is not read as it was written, by a snapshot for one:
                  written                 read
                  Archive(                Archive(
                      count: 2,               count: 2,
                      reasons: ["lost"] ≠     reasons: []
                  )                       )
                """
        )
        #expect(issues.map(\.line) == [line + 3, line + 3, line + 4, line + 4])
    }

    @Test func `a decide that depends on more than its state is found, if it rejects, too`() throws {
        let issues = caughtIssues {
            Given(TicketMachine.self).when(.draw)
            Given(TicketMachine.self).when(.refuse)
        }
        try #require(issues.count == 2, "\(issues)")
        #expect(issues[0].text.hasPrefix("decide(draw) is not pure: asked twice, it decided differently:\n"))
        #expect(issues[0].text.contains("the first time"))
        #expect(issues[1].text.hasPrefix("decide(refuse) is not pure: asked twice, it decided differently:\n"))
    }

    @Test func `a decide that changes the state is found`() throws {
        let issues = caughtIssues { Given(LeakyBox.self).when(.draw).producesNothing() }
        try #require(issues.count == 1, "\(issues)")
        #expect(issues[0].text.hasPrefix("decide(draw) changed the state, which only apply may do:\n"))
        #expect(issues[0].text.contains("opened: 0) ≠"))
    }

    @Test func `an apply that cannot be replayed is found`() throws {
        let issues = caughtIssues { Given(DriftingClock.self).when(.draw).produces(.numbered(0)).when(.draw) }
        try #require(issues.count == 1, "\(issues)")
        #expect(issues[0].text.hasPrefix("The state of DriftingClock is not what its events lead to: apply takes"))
        #expect(issues[0].text.contains("readings: ["))
    }

    @Test func `a decide by something that is not stored is found, though the states are equal`() throws {
        let issues = caughtIssues { Given(Nostalgic.self, .numbered(1)).when(.draw).producesNothing() }
        try #require(issues.count == 1, "\(issues)")
        #expect(
            issues[0].text.hasPrefix("decide(draw) decides differently on a state that was read from a snapshot:\n")
        )
    }

    @Test func `an aggregate whose name no store takes is found`() throws {
        let issues = caughtIssues { _ = Given(Nameless.self) }
        #expect(
            issues.map(\.text) == [
                "Nameless cannot be stored: \(InvalidInput(field: "aggregate name", reason: "it is empty"))"
            ]
        )
    }

    @Test func `a sound aggregate raises no issue`() throws {
        let issues = caughtIssues {
            Given(BankAccount.self)
                .when(.open(owner: "Ada")).when(.open(owner: "Bob")).when(.deposit(amount: 5)).when(
                    .withdraw(amount: 6)
                )
        }
        #expect(issues.isEmpty)
    }
}

private struct Nameless: Aggregate {
    typealias Rejection = Never
    static let aggregateName = ""

    func decide(_ command: Draw) -> [Numbered] { [] }
    mutating func apply(_ event: Numbered) {}
}
