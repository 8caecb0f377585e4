/// Looks at the first words of a statement that a body wants to run.
///
/// This keeps mistakes off, such as a COMMIT; the server's own rules keep the rest of a transaction's promises. Only one
/// statement can stand in a text: the server refuses more.
struct StatementText {
    /// Whether it changes settings, which last until the end of the transaction.
    let changesSettings: Bool

    /// Refuses what would end the transaction, or what would outlive it on a connection that others use after it.
    init(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.notAllowed, "the statement holds U+0000") }
        var rest = Self.skipSpace(sql.utf8[...])
        let first = Self.takeWord(&rest)
        guard !Self.refused.contains(first) else { throw Self.refusal(of: first) }
        changesSettings = first == "SET"
        guard changesSettings else { return }
        rest = Self.skipSpace(rest)
        let second = Self.takeWord(&rest)
        guard ["LOCAL", "CONSTRAINTS"].contains(second) else { throw Self.refusal(of: "SET without LOCAL") }
    }

    private static let refused: Set<String> = [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE", "EXECUTE",
        "DEALLOCATE", "RESET", "DISCARD", "LISTEN", "UNLISTEN", "COPY",
    ]

    private static func refusal(of word: String) -> PostgresError {
        PostgresError(.notAllowed, "\(word) is not for a transaction that was lent")
    }

    private static func takeWord(_ rest: inout Substring.UTF8View) -> String {
        let word = rest.prefix { (0x41...0x5A).contains($0 & 0xDF) }
        rest = rest[word.endIndex...]
        return String(Substring(word)).uppercased()
    }

    /// Skips spaces, empty statements and comments, which can stand in each other.
    private static func skipSpace(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var rest = text
        while true {
            rest = rest.drop { $0 == 0x20 || (0x09...0x0D).contains($0) || $0 == UInt8(ascii: ";") }
            if rest.starts(with: "--".utf8) {
                rest = rest.drop { $0 != 0x0A && $0 != 0x0D }
            } else if rest.starts(with: "/*".utf8) {
                rest = skipComment(rest)
            } else {
                return rest
            }
        }
    }

    private static func skipComment(_ text: Substring.UTF8View) -> Substring.UTF8View {
        var rest = text
        var depth = 0
        repeat {
            if rest.starts(with: "/*".utf8) {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                rest = rest.dropFirst(2)
            } else {
                rest = rest.dropFirst()
            }
        } while depth > 0 && !rest.isEmpty
        return rest
    }
}
