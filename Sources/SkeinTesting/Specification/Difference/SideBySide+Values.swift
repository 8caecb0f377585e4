extension SideBySide {
    /// Values beside each other. If they look the same without being it, all that is in them is shown.
    init(_ leftTitle: String, _ left: [Any], _ rightTitle: String, _ right: [Any]) {
        self.init(
            leftTitle,
            { Self.lines(of: left, isComplete: $0) },
            rightTitle,
            { Self.lines(of: right, isComplete: $0) }
        )
    }

    /// Two states beside each other, each part in a line of its own.
    init<Value>(_ leftTitle: String, state left: Value, _ rightTitle: String, state right: Value) {
        let lines = { (value: Value, isComplete: Bool) -> [String] in
            Portrait(of: value, isComplete: isComplete).lines(width: Self.columnWidth, isOpen: true)
        }
        self.init(leftTitle, { lines(left, $0) }, rightTitle, { lines(right, $0) })
    }

    private init(
        _ leftTitle: String,
        _ left: (_ isComplete: Bool) -> [String],
        _ rightTitle: String,
        _ right: (_ isComplete: Bool) -> [String]
    ) {
        var lines = (left(false), right(false))
        if lines.0 == lines.1 { lines = (left(true), right(true)) }
        if lines.0 == lines.1 {
            lines.0.append("(looks the same, but is not)")
            lines.1.append("(looks the same, but is not)")
        }
        self.init(Column(leftTitle, lines.0), Column(rightTitle, lines.1))
    }

    private static func lines(of values: [Any], isComplete: Bool) -> [String] {
        values.flatMap { value in
            guard let verdict = value as? Verdict else {
                return Portrait(of: value, isComplete: isComplete).lines(width: columnWidth)
            }
            guard let value = verdict.value else { return [verdict.word] }
            var lines = Portrait(of: value, isComplete: isComplete).lines(width: columnWidth - verdict.word.count - 2)
            lines[0] = "\(verdict.word): \(lines[0])"
            return lines
        }
    }
}

/// A word about an outcome, such as that nothing happened, and the value that it is about, if there is one.
struct Verdict {
    let word: String
    var value: Any?
}
