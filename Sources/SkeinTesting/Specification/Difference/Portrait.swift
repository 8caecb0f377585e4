/// A value as text: in one line where that fits, else each part in its own. Sets and dictionaries are sorted.
struct Portrait {
    private enum Form {
        case text(String)
        /// A text of several lines.
        case block([String])
        case parts(opening: String, [(label: String?, part: Portrait)], closing: String)
    }

    private let form: Form

    /// - Parameters:
    ///   - value: What is shown.
    ///   - isComplete: Whether to show the parts of values that describe themselves, too.
    init(of value: Any, isComplete: Bool = false) {
        var painter = Painter(isComplete: isComplete)
        self = painter.portrait(of: value)
    }

    fileprivate init(_ text: String) {
        form = .text(text)
    }

    fileprivate init(lines: [String]) {
        form = .block(lines)
    }

    fileprivate init(_ opening: String, _ parts: [(label: String?, part: Portrait)], _ closing: String) {
        form = .parts(opening: opening, parts, closing: closing)
    }

    /// The value in one line, however long.
    var line: String {
        switch form {
        case .text(let text):
            return text
        case .block(let lines):
            return lines.dropFirst().dropLast().joined(separator: "\n").debugDescription
        case .parts(let opening, let parts, let closing):
            let inner = parts.map { ($0.label.map { "\($0): " } ?? "") + $0.part.line }
            return opening + inner.joined(separator: ", ") + closing
        }
    }

    /// The value in lines, each part in its own if it is longer than the width or if that is wanted.
    func lines(width: Int, isOpen: Bool = false) -> [String] {
        switch form {
        case .text(let text):
            return [text]
        case .block(let lines):
            return lines
        case .parts(let opening, let parts, let closing):
            let line = line
            if parts.isEmpty || !isOpen && line.count <= width && !holdsBlock { return [line] }
            var lines = [opening]
            for (index, (label, part)) in parts.enumerated() {
                var inner = part.lines(width: max(width - 4, 20))
                inner[0] = (label.map { "\($0): " } ?? "") + inner[0]
                if index < parts.count - 1 { inner[inner.count - 1] += "," }
                lines += inner.map { "    " + $0 }
            }
            return lines + [closing]
        }
    }

    private var holdsBlock: Bool {
        switch form {
        case .text: false
        case .block: true
        case .parts(_, let parts, _): parts.contains { $0.part.holdsBlock }
        }
    }
}

/// Looks into values; it stops at objects that it is inside of already.
private struct Painter {
    private static let depthLimit = 64

    let isComplete: Bool
    private var enclosing: [ObjectIdentifier] = []

    init(isComplete: Bool) {
        self.isComplete = isComplete
    }

    mutating func portrait(of value: Any) -> Portrait {
        if let text = value as? any StringProtocol { return portrait(of: String(text)) }
        let mirror = Mirror(reflecting: value)
        let typeName = String(describing: type(of: value))
        guard enclosing.count < Self.depthLimit, !typeName.hasPrefix("Unsafe") else { return Portrait("…") }
        switch mirror.displayStyle {
        case .optional:
            return mirror.children.first.map { portrait(of: $0.value) } ?? Portrait("nil")
        case .collection:
            return Portrait("[", mirror.children.map { (nil, portrait(of: $0.value)) }, "]")
        case .set:
            return Portrait("[", mirror.children.map { portrait(of: $0.value) }.sorted().map { (nil, $0) }, "]")
        case .dictionary:
            let entries = mirror.children.map { entry(of: $0.value) }.sorted { ($0.0, $0.1.line) < ($1.0, $1.1.line) }
            return entries.isEmpty ? Portrait("[:]") : Portrait("[", entries.map { (Optional($0), $1) }, "]")
        case .tuple:
            return Portrait("(", parts(of: mirror), ")")
        case .enum:
            guard let payload = mirror.children.first else { return Portrait(String(describing: value)) }
            let inner = Mirror(reflecting: payload.value)
            let parts =
                inner.displayStyle == .tuple ? parts(of: inner) : [(nil, portrait(of: payload.value))]
            return Portrait("\(payload.label ?? typeName)(", parts, ")")
        case .class:
            let object = ObjectIdentifier(value as AnyObject)
            guard !enclosing.contains(object) else { return Portrait("\(typeName)(…)") }
            enclosing.append(object)
            defer { enclosing.removeLast() }
            return Portrait("\(typeName)(", parts(of: mirror), ")")
        case .struct:
            if mirror.isLeaf { return Portrait(value is any CustomStringConvertible ? "\(value)" : "\(typeName)()") }
            if !isComplete, let described = value as? any CustomStringConvertible {
                return Portrait(described.description)
            }
            return Portrait("\(typeName)(", parts(of: mirror), ")")
        default:
            // A mirror of the type's own may have no style; numbers, closures and metatypes have no parts.
            return mirror.isLeaf
                ? Portrait(String(describing: value)) : Portrait("\(typeName)(", parts(of: mirror), ")")
        }
    }

    private func portrait(of text: String) -> Portrait {
        guard text.contains("\n") else { return Portrait(text.debugDescription) }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return Portrait(lines: ["\"\"\""] + lines + ["\"\"\""])
    }

    private mutating func parts(of mirror: Mirror) -> [(label: String?, part: Portrait)] {
        let inherited = mirror.superclassMirror.map { parts(of: $0) } ?? []
        return inherited
            + mirror.children.map { child in
                // Unlabelled parts of tuples are called .0, .1 …
                (child.label.flatMap { $0.hasPrefix(".") ? nil : $0 }, portrait(of: child.value))
            }
    }

    private mutating func entry(of pair: Any) -> (String, Portrait) {
        let parts = Mirror(reflecting: pair).children.map { portrait(of: $0.value) }
        guard parts.count == 2 else { return ("", portrait(of: pair)) }
        return (parts[0].line, parts[1])
    }
}

extension [Portrait] {
    fileprivate func sorted() -> [Portrait] {
        sorted { $0.line < $1.line }
    }
}
