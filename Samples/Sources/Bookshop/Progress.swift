import Foundation

/// Writes to standard error: lines always, and a bar that moves if it is a terminal.
struct Progress {
    private let showsBar: Bool
    private var shown = -1

    init(showsBar: Bool = isatty(STDERR_FILENO) == 1) {
        self.showsBar = showsBar
    }

    /// Draws the bar anew if it has moved.
    mutating func show(_ done: Int, of total: Int) {
        let percent = total > 0 ? min(100, done * 100 / total) : 100
        guard showsBar, percent != shown else { return }
        shown = percent
        let width = 40
        let filled = percent * width / 100
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        Self.write("\r\(bar) \(percent) %")
    }

    /// Writes a line above the bar.
    mutating func note(_ text: String) {
        clear()
        Self.write("\(text)\n")
    }

    /// Takes the bar away.
    mutating func finish() {
        clear()
    }

    /// Goes to the line's beginning and deletes it.
    private mutating func clear() {
        guard shown >= 0 else { return }
        Self.write("\r\u{1B}[K")
        shown = -1
    }

    /// Writes to standard error, whether anyone reads it or not.
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
