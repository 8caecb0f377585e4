import Skein
import Testing

@Suite struct StoreValueTests {
    @Test(arguments: [
        ("x", nil), ("ünï cöde 🐦", nil), (String(repeating: "x", count: 255), nil), ("\u{A0}\u{C0}", nil),
        ("", "it is empty"),
        (String(repeating: "x", count: 256), "it has 256 UTF-8 bytes, at most 255 are allowed"),
        (String(repeating: "🐦", count: 64), "it has 256 UTF-8 bytes, at most 255 are allowed"),
        ("ab\u{0}", "it has a control character at byte 2"), ("\u{1F}", "it has a control character at byte 0"),
        ("é\u{7F}", "it has a control character at byte 2"), ("a\u{80}", "it has a control character at byte 2"),
        ("a\u{9F}b", "it has a control character at byte 2"), ("a\r\nb", "it has a control character at byte 1"),
    ])
    func `an id is valid or the rule and the place are told`(_ text: String, _ reason: String?) {
        for (stream, field) in [
            (StreamID(aggregate: "A", id: text), "aggregate id"),
            (StreamID(aggregate: text, id: "x"), "aggregate name"),
        ] {
            if let reason {
                #expect(throws: InvalidInput(field: field, reason: reason)) { try stream.validate() }
            } else {
                #expect(throws: Never.self) { try stream.validate() }
            }
        }
    }

    @Test func `a refusal never repeats the input`() {
        let secret = "s3cret"
        let refusals: [() throws -> Void] = [
            { try StreamID(aggregate: "A", id: secret + "\0").validate() },
            { try StreamID(aggregate: "A", id: String(repeating: secret, count: 99)).validate() },
            { try EventMetadata(entries: [secret: "\0"]).validate() },
            { try EventMetadata(entries: ["": secret]).validate() },
            { try EventMetadata(entries: [secret: String(repeating: secret, count: 9_999)]).validate() },
            {
                let payload = Array(secret.utf8)
                try NewEvent(id: .fresh(), name: secret, payload: payload)
                    .validate(limits: EventStoreLimits(payloadBytes: 1))
            },
            { try NewEvent(id: .fresh(), name: secret + "\n", payload: []).validate(limits: EventStoreLimits()) },
        ]
        for refusal in refusals {
            do {
                try refusal()
                Issue.record("it was let through")
            } catch {
                #expect(error is InvalidInput)
                #expect(!"\(error)".contains(secret))
                #expect((error as? InvalidInput).map { "\(EventStoreError($0))".contains(secret) } == false)
            }
        }
    }

    @Test func `metadata may be as long as its limit`() throws {
        let value = String(repeating: "x", count: EventMetadata.maximumLength - 1)
        try EventMetadata(entries: ["n": value]).validate()
        try EventMetadata(entries: ["n": ""]).validate()
        #expect(throws: InvalidInput.self) { try EventMetadata(entries: ["nn": value]).validate() }
        #expect(throws: InvalidInput.self) { try EventMetadata(entries: ["a\0": ""]).validate() }
    }

    @Test func `the errors after which a call may be repeated change nothing`() {
        let transient: [EventStoreError.Code] = [.transient, .connectionLost, .timeout]
        let others: [EventStoreError.Code] = [
            .outcomeUnknown, .full, .readOnly, .corrupt, .closed, .streamNotFound, .streamDeleted, .checkpointFenced,
            .conflict(expected: .any, actual: 1), .duplicateEvent(.fresh()), .notMigrated, .permission, .unreachable,
            .newerSchema(found: 2, supported: 1), .inUse(processID: 1),
        ]
        for code in transient { #expect(EventStoreError(code, "").isTransient) }
        for code in others { #expect(!EventStoreError(code, "").isTransient) }
    }

    @Test func `an error says what happened and why`() {
        let bare = EventStoreError(.full, "the disk is full")
        #expect("\(bare)" == "full: the disk is full")
        #expect("\(EventStoreError(.full, "no room", cause: bare))" == "full: no room (full: the disk is full)")
    }

    @Test func `an expected version allows what it says`() {
        let table: [(ExpectedVersion, [Int64])] = [
            (.any, [0, 1, 2]), (.noStream, [0]), (.streamExists, [1, 2]), (.exactly(0), [0]), (.exactly(2), [2]),
        ]
        for (expected, allowed) in table {
            #expect([0, 1, 2].filter { expected.allows($0) } == allowed)
        }
    }

    @Test func `a filter with empty sets lets everything through`() {
        #expect(EventFilter.all.matches(aggregate: "A", event: "e"))
        let both = EventFilter(aggregates: ["A"], events: ["e"])
        #expect(both.matches(aggregate: "A", event: "e"))
        #expect(!both.matches(aggregate: "B", event: "e"))
        #expect(!both.matches(aggregate: "A", event: "f"))
    }

    @Test func `streams are compared byte by byte`() {
        let composed = StreamID(aggregate: "A", id: "\u{E9}")
        let decomposed = StreamID(aggregate: "A", id: "e\u{301}")
        #expect(composed.id == decomposed.id)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(BankAccount.ID("\u{E9}") != BankAccount.ID("e\u{301}"))
        #expect(StreamID(aggregate: "AB", id: "C") != StreamID(aggregate: "A", id: "BC"))
    }
}
