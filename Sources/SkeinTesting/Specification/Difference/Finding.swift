import Testing

/// Something that is not as it should be, on its way to become an issue of the test.
struct Finding {
    let headline: String
    let difference: SideBySide?

    init(_ headline: String, _ difference: SideBySide? = nil) {
        self.headline = headline
        self.difference = difference
    }

    var text: String {
        difference.map { "\(headline)\n\($0.text)" } ?? headline
    }

    func record(at sourceLocation: SourceLocation) {
        Issue.record(Comment(rawValue: text), sourceLocation: sourceLocation)
    }
}

/// Records findings at one line; what was said once is not said again by the same specification.
struct Notebook {
    private var said: Set<String> = []

    mutating func note(_ finding: Finding, at sourceLocation: SourceLocation) {
        if said.insert(finding.headline).inserted { finding.record(at: sourceLocation) }
    }
}
