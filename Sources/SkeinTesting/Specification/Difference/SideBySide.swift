/// Two texts beside each other, line by line, with a mark between the lines that differ.
///
/// `≠` stands between lines that differ, `<` and `>` after and before a line that only one side has.
struct SideBySide {
    /// A column: its title and its lines.
    struct Column {
        let title: String
        let lines: [String]

        init(_ title: String, _ lines: [String]) {
            self.title = title
            self.lines = lines
        }
    }

    /// How many characters a column may have; longer lines are continued below.
    static let columnWidth = 56

    private typealias Row = (left: String, mark: String, right: String)

    private let left: Column
    private let right: Column

    init(_ left: Column, _ right: Column) {
        self.left = left
        self.right = right
    }

    var text: String {
        let rows = rows
        let width = ([left.title] + rows.map(\.left)).map(\.count).max() ?? 0
        let titles = (left: left.title, mark: " ", right: right.title)
        return ([titles] + rows).map { row in
            let gap = String(repeating: " ", count: width - row.left.count)
            let line = "  \(row.left)\(gap) \(row.mark) \(row.right)"
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    private var rows: [Row] {
        let changes = right.lines.difference(from: left.lines)
        let removed = Set(changes.removals.map(\.offset))
        let inserted = Set(changes.insertions.map(\.offset))
        var rows: [Row] = []
        var (old, new) = (0, 0)
        while old < left.lines.count || new < right.lines.count {
            let oldEnd = (old...).first { !removed.contains($0) } ?? old
            let newEnd = (new...).first { !inserted.contains($0) } ?? new
            for offset in 0..<max(oldEnd - old, newEnd - new) {
                let lines = (
                    old + offset < oldEnd ? left.lines[old + offset] : nil,
                    new + offset < newEnd ? right.lines[new + offset] : nil
                )
                rows += Self.wrapped(lines.0, lines.1)
            }
            (old, new) = (oldEnd, newEnd)
            guard old < left.lines.count, new < right.lines.count else { continue }
            rows += Self.wrapped(left.lines[old], right.lines[new])
            (old, new) = (old + 1, new + 1)
        }
        return rows
    }

    /// The rows of two lines; of long ones, each piece is marked by itself, so that one sees where they differ.
    private static func wrapped(_ left: String?, _ right: String?) -> [Row] {
        let pieces = (left.map(pieces) ?? [], right.map(pieces) ?? [])
        return (0..<max(pieces.0.count, pieces.1.count)).map { index in
            let left = index < pieces.0.count ? pieces.0[index] : nil
            let right = index < pieces.1.count ? pieces.1[index] : nil
            let mark =
                switch (left, right) {
                case (_?, nil): "<"
                case (nil, _?): ">"
                default: left == right ? " " : "≠"
                }
            return (left ?? "", mark, right ?? "")
        }
    }

    private static func pieces(of line: String) -> [String] {
        guard line.count > columnWidth else { return [line] }
        var pieces: [String] = []
        var rest = Substring(line)
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(columnWidth)))
            rest = rest.dropFirst(columnWidth)
        }
        return pieces
    }
}

extension CollectionDifference.Change {
    fileprivate var offset: Int {
        switch self {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }
}
