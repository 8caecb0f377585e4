import Synchronization
import Testing

@testable import rebuild

@Suite struct ProgressBarTests {
    private let written = Written()

    @Test func `without a terminal there is a line for each tenth`() {
        let bar = ProgressBar("Rebuilding", isTerminal: false) { [written] in written.add($0) }
        bar.show(0, rate: 0, timeLeft: nil)
        bar.show(0.09, rate: 100, timeLeft: .seconds(9))
        bar.show(0.12, rate: 100, timeLeft: .seconds(8.2))
        bar.show(0.15, rate: 100, timeLeft: .seconds(8))
        bar.show(0.41, rate: 0, timeLeft: nil)
        bar.show(1, rate: 99.5, timeLeft: .zero)
        bar.finish()
        #expect(
            written.text == """
                Rebuilding: 12 %, 100 events a second, 9 s left
                Rebuilding: 41 %
                Rebuilding: 100 %, 99 events a second

                """
        )
    }

    @Test func `on a terminal the bar moves in its line, and goes away for notes and in the end`() {
        let bar = ProgressBar("Rebuilding", isTerminal: true) { [written] in written.add($0) }
        bar.show(0.5, rate: 100, timeLeft: .seconds(5))
        bar.show(0.5, rate: 100, timeLeft: .seconds(5))
        let half = "\rRebuilding ████████████░░░░░░░░░░░░░ 50 %, 100 events a second, 5 s left\u{1B}[K"
        #expect(written.text == half)
        bar.note("Look")
        #expect(written.text == "\(half)\r\u{1B}[KLook\n")
        bar.finish()
        #expect(written.text.hasSuffix("Look\n"))
    }
}

private final class Written: Sendable {
    private let all = Mutex("")
    var text: String { all.withLock { $0 } }
    func add(_ text: String) { all.withLock { $0 += text } }
}
