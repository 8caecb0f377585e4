/// Where a proxy breaks a connection: around a statement that a client sends.
public struct ProxyCut: Hashable, Sendable {
    /// The moments around a statement.
    public enum Moment: String, Hashable, Sendable, CaseIterable {
        /// Before the server gets it.
        case beforeRequest

        /// When the server has got it and may be busy with it.
        case afterRequest

        /// When the server is ready again, so that all is committed; nothing of its answer is passed on.
        case afterAnswer
    }

    /// The moment.
    public var moment: Moment

    /// Texts of which the statement holds one as whole words, in lower case; empty takes every statement.
    public var statements: [String]

    /// How many such statements are let through first.
    public var skipping: Int

    /// Describes a cut.
    public init(_ moment: Moment, around statements: [String], skipping: Int = 0) {
        self.moment = moment
        self.statements = statements
        self.skipping = skipping
    }

    /// A cut around an append of Skein's store.
    public static func append(_ moment: Moment, skipping: Int = 0) -> ProxyCut {
        ProxyCut(moment, around: ["append_events", "append_known", "insert into events"], skipping: skipping)
    }

    func matches(_ sql: String) -> Bool {
        // What sets a connection up speaks of "synchronous_commit" and "read committed", which are no commits.
        statements.isEmpty
            || statements.contains { text in
                sql.ranges(of: text).contains { range in
                    !isWord(sql[..<range.lowerBound].last) && !isWord(sql[range.upperBound...].first)
                }
            }
    }

    private func isWord(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }
}
