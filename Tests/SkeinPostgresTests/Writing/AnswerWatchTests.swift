import Testing

@testable import SkeinPostgres

/// When a thread looks for an answer instead of sleeping.
struct AnswerWatchTests {
    /// How often an answer is looked for that is there the third time.
    private func looks(_ watch: inout AnswerWatch) -> Int {
        var looks = 0
        watch.receive {
            looks += 1
            return looks == 3
        } _: {
        }
        return looks
    }

    @Test func `an answer is looked for until it is there`() {
        var watch = AnswerWatch(atMost: .seconds(10))
        #expect(looks(&watch) == 3)
        #expect(looks(&watch) == 3)
    }

    @Test func `no longer than the limit`() {
        var watch = AnswerWatch(atMost: .milliseconds(1))
        var isReceived = false
        watch.receive {
            false
        } _: {
            isReceived = true
        }
        #expect(isReceived)
    }

    @Test func `with a limit of zero it is never looked for`() {
        var watch = AnswerWatch(atMost: .zero)
        #expect(looks(&watch) == 0)
    }

    @Test func `answers that come late are not looked for until they are quicker again`() {
        var watch = AnswerWatch(atMost: .milliseconds(10))
        for _ in 0..<20 { watch.note(30_000_000) }
        #expect(!watch.isWorthwhile)
        for _ in 0..<20 { watch.note(1_000_000) }
        #expect(watch.isWorthwhile)
    }

    @Test func `one late answer among many does not count`() {
        var watch = AnswerWatch(atMost: .microseconds(500))
        for _ in 0..<20 { watch.note(300_000) }
        watch.note(1_500_000)
        #expect(watch.isWorthwhile)
    }
}
