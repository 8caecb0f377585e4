import Foundation
import Synchronization

/// Shows on standard error how far something has come: a bar that moves on a terminal, else a line for each tenth.
final class ProgressBar: Sendable {
    private let title: String
    private let isTerminal: Bool
    private let write: @Sendable (String) -> Void
    /// What was shown last, so that nothing is shown twice: the bar's text, or the number of tenths.
    private let shown = Mutex((text: "", tenths: 0))

    init(
        _ title: String,
        isTerminal: Bool = isatty(STDERR_FILENO) == 1,
        to write: @escaping @Sendable (String) -> Void = { text in ProgressBar.write(text) }
    ) {
        self.title = title
        self.isTerminal = isTerminal
        self.write = write
    }

    /// - Parameters:
    ///   - fraction: How much is done, from 0 to 1.
    ///   - rate: How many events are done a second.
    ///   - timeLeft: How long the rest takes; nil if that cannot be told yet.
    func show(_ fraction: Double, rate: Double, timeLeft: Duration?) {
        let percent = Int(fraction * 100)
        var text = "\(percent) %"
        if rate > 0 { text += ", \(Int(rate)) events a second" }
        if let timeLeft, percent < 100 { text += ", \(Int((timeLeft / .seconds(1)).rounded(.up))) s left" }
        shown.withLock { shown in
            if isTerminal {
                guard shown.text != text else { return }
                shown.text = text
                write("\r\(title) \(Self.bar(percent)) \(text)\u{1B}[K")
            } else {
                guard percent / 10 > shown.tenths else { return }
                shown.tenths = percent / 10
                write("\(title): \(text)\n")
            }
        }
    }

    /// Writes a line above the bar.
    func note(_ text: String) {
        finish()
        write("\(text)\n")
    }

    /// Takes the bar away.
    func finish() {
        shown.withLock { shown in
            if isTerminal, !shown.text.isEmpty { write("\r\u{1B}[K") }
            shown.text = ""
        }
    }

    private static func bar(_ percent: Int) -> String {
        let width = 25
        let filled = min(width, percent * width / 100)
        return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    }

    /// Writes to standard error, whether anyone reads it or not.
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
