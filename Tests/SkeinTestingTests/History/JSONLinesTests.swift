import Skein
import SkeinTesting
import Synchronization
import Testing

/// Histories as text.
struct JSONLinesTests {
    private func everything() throws -> History {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1, 2]))
        _ = tale.ask(.look, expecting: .exactly(3))
        _ = tale.ask(.look, expecting: .noStream)
        _ = tale.ask(.look, expecting: .streamExists)
        let rejected = tale.ask(.take(coin: 9))
        tale.answer(rejected, .rejected(History.Value(Jar.Rejection.empty(sum: 3))))
        let failed = tale.ask(.look)
        tale.answer(failed, .failed(History.Failure("conflict", actualVersion: 4)))
        let unknown = tale.ask(.look)
        tale.answer(unknown, .unknown(Tale.id(7), "outcomeUnknown"))
        tale.read("emoji 🫙 \"quoted\"", sum: 3)
        for outcome: History.Outcome in [.absent, .rejection, .nothing, .events([], version: 1, position: 2)] {
            let question = tale.begin(.outcome(Tale.id(3)))
            tale.answer(question, .outcome(outcome))
        }
        tale.claim(0, epoch: 1)
        tale.deliver(1)
        tale.move(1, epoch: 1)
        tale.add(.noted("node a crashes"))
        return tale.history
    }

    @Test func `a sink is given each line as soon as it is seen, and the recorder keeps none`() throws {
        let lines = Mutex<[String]>([])
        let recorder = HistoryRecorder(sink: { entry in lines.withLock { $0.append(entry.jsonLine) } })
        let operation = recorder.invoke(.outcome(Tale.id(1)), by: "a")
        #expect(lines.withLock { $0.count } == 1)
        recorder.complete(operation, .outcome(.absent), by: "a")
        recorder.note("node a crashes", at: "a")
        #expect(recorder.history.entries.isEmpty)
        let history = try History(jsonLines: lines.withLock { $0.joined() })
        #expect(history.entries.map(\.sequence) == [1, 2, 3])
        #expect(history.entries[0].observation == .invoked(operation: operation, .outcome(Tale.id(1))))
        #expect(history.entries[1].observation == .completed(operation: operation, .outcome(.absent)))
        #expect(history.entries[2].observation == .noted("node a crashes"))
    }

    @Test func `a history comes back from its text as it was`() throws {
        let history = try everything()
        let text = history.jsonLines
        #expect(text.split(separator: "\n").count == history.entries.count)
        let back = try History(jsonLines: text)
        #expect(back == history)
        #expect(back.jsonLines == text)
    }

    @Test func `the names of the fields are stable`() throws {
        var tale = Tale()
        try tale.carryOut(.put(coins: [1]))
        tale.deliver(1)
        let lines = tale.history.jsonLines.split(separator: "\n")
        let id = "00000000-0000-0000-0000-000000000001"
        let event = EventID(command: Tale.id(1), ordinal: 0)
        #expect(
            lines.first == #"""
                {"aggregate":"Jar","command":"\#(id)","expected":"any","f":"command","id":"j","index":1,"node":"a",\#
                "op":1,"time":1000000,"type":"invoke","value":"{\"put\":{\"coins\":[1]}}"}
                """#
        )
        #expect(
            lines.dropFirst().first == #"""
                {"command":"\#(id)","events":["\#(event)"],"f":"command","index":2,"node":"a","op":1,"position":1,\#
                "repeated":false,"time":2000000,"type":"ok","version":1}
                """#
        )
        #expect(
            lines.dropFirst(2).first == #"""
                {"aggregate":"Jar","event":"\#(event)","id":"j","index":3,"node":"a","position":1,\#
                "subscription":"view","time":3000000,"type":"deliver","version":1}
                """#
        )
    }

    @Test func `empty lines are passed over`() throws {
        let history = try everything()
        #expect(try History(jsonLines: "\n" + history.jsonLines + "\n \n") == history)
    }

    @Test(arguments: [
        ("not JSON", "it is no JSON object"),
        ("[1]", "it is no JSON object"),
        (#"{"index":1,"time":1,"node":"a"}"#, "type is missing"),
        (#"{"index":1,"time":1,"node":"a","type":"fly"}"#, "type has the wrong form"),
        (#"{"index":"1","time":1,"node":"a","type":"note","text":""}"#, "index has the wrong form"),
        (#"{"index":1,"time":1,"node":"a","type":"note"}"#, "text is missing"),
        (#"{"index":1,"time":1,"node":"a","type":"ok","f":"read"}"#, "op is missing"),
        (
            #"{"index":1,"time":1,"node":"a","type":"ok","op":1,"f":"command","command":"x"}"#,
            "command has the wrong form"
        ),
        (
            #"{"index":1,"time":1,"node":"a","type":"invoke","op":1,"f":"command","expected":"soon"}"#,
            "expected has the wrong form"
        ),
        (#"{"index":0,"time":1,"node":"a","type":"note","text":""}"#, "index 0 does not come after 0"),
        (#"{"index":1,"time":1,"node":"a","type":"no"#, "it is no JSON object"),
    ])
    func `a damaged line is named`(_ line: String, _ reason: String) {
        let intact = #"{"index":0,"time":0,"node":"a","type":"note","text":"start"}"#
        #expect(throws: HistoryFormatError(line: 2, reason: reason)) {
            try History(jsonLines: intact + "\n" + line)
        }
    }

    @Test func `a history can be read by people`() throws {
        let text = try everything().description
        #expect(text.contains("#1 0.001 seconds a: (1) send put(coins: [1, 2]) to Jar/j, command"))
        #expect(text.contains("acknowledged: version 2, position 2, 2 events"))
        #expect(text.contains("– node a crashes"))
    }
}
