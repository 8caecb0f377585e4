import Skein
import SkeinTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct GivenEventsTests {
    private let ada = BankAccount.ID("ada")
    private let bob = BankAccount.ID("bob")

    private var log: GivenEvents {
        GivenEvents {
            Recorded(.opened(owner: "Ada"), .deposited(amount: 5), of: ada)
            Recorded(.kept(name: "ring", .init(karat: 8)), of: Hoarder.ID("dragon"))
            Recorded(.opened(owner: "Bob"), of: bob)
            Recorded(.withdrawn(amount: 2), of: ada)
        }
    }

    // case 107
    @Test func `a handler gets the events of its aggregate, and the read model is as expected`() async {
        let view = Balances()
        await log.handled(by: view)
            .leaves(["ada": 3, "bob": 0]) { await view.balances }
            .leaves { await view.balances.count == 2 }
            .redelivered()
    }

    @Test func `a value in memory is a read model like any other`() async {
        let total = ValueProjection(
            "total",
            initial: 0,
            Fold(BankAccount.self) { total, event in
                switch event.event {
                case .deposited(let amount): total += amount
                case .withdrawn(let amount): total -= amount
                default: break
                }
            }
        )
        await log.handled(by: Subscription(total)).leaves(3) { total.value }.redelivered()
    }

    // case 119
    @Test func `routes get the events of several aggregates in their common order, the same in each run`() async {
        for _ in 0..<2 {
            let seen = Seen()
            await log.handled {
                On(BankAccount.self) { seen.note($0) }
                On(Hoarder.self) { seen.note($0) }
            }
            #expect(
                seen.lines == [
                    "ada v1 @1 1:0 1700000001000000", "ada v2 @2 1:1 1700000001000000",
                    "dragon v1 @3 2:0 1700000002000000", "bob v1 @4 3:0 1700000003000000",
                    "ada v3 @5 4:0 1700000004000000",
                ]
            )
        }
    }

    @Test func `metadata and times can be chosen`() async {
        let file = CorrelationID(high: 7, low: 7)
        let seen = Mutex<[EventMetadata]>([])
        let at = Timestamp(microseconds: 42)
        await GivenEvents {
            Recorded(events: [.opened(owner: "Ada")], of: ada, metadata: EventMetadata(correlationID: file), at: at)
        }
        .handled(
            by: Subscription("view") {
                On(BankAccount.self) { event in
                    #expect(event.recordedAt == at)
                    #expect(MessageContext.current?.correlationID == file)
                    seen.withLock { $0.append(event.metadata) }
                }
            }
        )
        #expect(seen.withLock { $0 } == [EventMetadata(correlationID: file)])
    }

    @Test func `another read model is shown beside the expected one, at the caller's line`() async throws {
        let view = Balances()
        let line = #line
        let issues = await caughtIssues {
            await log.handled(by: view)
                .leaves(["ada": 3, "bob": 1]) { await view.balances }
                .leaves { await view.balances.isEmpty }
        }
        try #require(issues.map(\.line) == [line + 3, line + 4])
        #expect(
            issues[0].text == """
                The read model is another after the events:
                  expected               actual
                  ["ada": 3, "bob": 1] ≠ ["ada": 3, "bob": 0]
                """
        )
        #expect(issues[1].text == "The read model is not as expected after the events.")
    }

    // cases 93, 107
    @Test func `a projection that counts an event twice is found by redelivery`() async throws {
        let view = NaiveBalances()
        let line = #line
        let issues = await caughtIssues {
            await log.handled(by: view)
                .leaves(3) { await view.total }
                .redelivered()
        }
        #expect(issues.map(\.line) == [line + 4])
        #expect(issues.first?.text.hasPrefix("The read model is another after every event came again:") == true)
        #expect(issues.first?.text.contains("3        ≠ 6") == true)
    }

    // case 145
    @Test func `a handler that throws is told at once with its event, and nothing is said about what follows`()
        async throws
    {
        let attempts = Mutex(0)
        let issues = await caughtIssues {
            await log.handled(
                by: Subscription("view", retry: RetryPolicy(retries: 3, backoff: Backoff(first: .zero, longest: .zero)))
                {
                    On(BankAccount.self) { event in
                        guard event.version == 3 else { return }
                        attempts.withLock { $0 += 1 }
                        throw Unwilling()
                    }
                }
            )
            .leaves(1) { 2 }
            .redelivered()
        }
        #expect(issues.map(\.text) == ["The handler failed at position 5, withdrawn of BankAccount/ada: Unwilling()"])
        #expect(attempts.withLock { $0 } == 1)
    }

    @Test func `a handler that does not end is told with its event`() async {
        let (never, continuation) = AsyncStream.makeStream(of: Void.self)
        let issues = await caughtIssues {
            await log.handled(
                by: Subscription("view") {
                    On(Hoarder.self) { _ in
                        for await _ in never {}
                    }
                },
                within: .milliseconds(20)
            )
        }
        #expect(issues.count == 1)
        #expect(issues.first?.text.hasPrefix("The handler came to position") == true)
        #expect(issues.first?.text.hasSuffix("of 5 within 0.02 seconds, and no further.") == true)
        continuation.finish()
    }

    @Test func `a read model that cannot be read, and given events with a broken coding, are issues`() async throws {
        let issues = await caughtIssues {
            await GivenEvents {
                Recorded(.init(content: Forgetful(note: "urgent")), of: Parcel<Forgetful>.ID("one"))
                Recorded(.init(content: Weight(kilograms: .nan)), of: Parcel<Weight>.ID("two"))
                Recorded(.opened(owner: ""), of: BankAccount.ID(""))
            }
            .handled { On(Parcel<Forgetful>.self) { _ in } }
            .leaves(1) { throw Unwilling() }
        }
        let texts = issues.map(\.text)
        try #require(texts.count == 4, "\(texts)")
        #expect(texts[0].contains("is not read as it was written"))
        #expect(texts[1].contains("cannot be stored: unencodable"))
        #expect(texts[2].contains("aggregate id"))
        #expect(texts[3] == "The read model cannot be read after the events: Unwilling()")
    }

    @Test func `without events there is nothing to handle`() async {
        await GivenEvents {}.handled(by: Balances()).leaves(0) { 0 }.redelivered()
    }
}

private struct Unwilling: Error {}

/// What balances there are; an event that comes again changes nothing.
private actor Balances: EventHandler {
    private(set) var balances: [String: Int] = [:]
    private var position: Int64 = 0

    func handle(_ event: RecordedEvent<BankAccount>) {
        guard event.position > position else { return }
        position = event.position
        balances[event.aggregateID.value, default: 0] += event.event.change
    }
}

/// Counts an event as often as it comes.
private actor NaiveBalances: EventHandler {
    private(set) var total = 0

    func handle(_ event: RecordedEvent<BankAccount>) { total += event.event.change }
}

private final class Seen: Sendable {
    private let noted = Mutex<[String]>([])

    var lines: [String] { noted.withLock { $0 } }

    func note<A: Aggregate>(_ event: RecordedEvent<A>) {
        let ordinal = event.id == EventID(command: event.commandID, ordinal: 0) ? 0 : 1
        let time = event.recordedAt.microseconds
        let line = "\(event.aggregateID) v\(event.version) @\(event.position) \(event.commandID.low):\(ordinal) \(time)"
        noted.withLock { $0.append(line) }
    }
}

extension BankAccount.Event {
    fileprivate var change: Int {
        switch self {
        case .opened: 0
        case .deposited(let amount): amount
        case .withdrawn(let amount): -amount
        }
    }
}
