import SampleTesting
import Testing

@testable import bookshop

extension ProgramTests {
    @Suite(.timeLimit(.minutes(1))) struct ServerTests {
        /// Nobody listens there.
        private static let nowhere = "postgres://u:secret@127.0.0.1:1/shop?connect_timeout=5"

        @Test(arguments: [
            ([nowhere], 1, "the database PostgreSQL (schema bookshop) cannot be opened: the server cannot be reached"),
            (["postgres://u:secret/1@127.0.0.1:1/shop"], 1, "cannot be opened: the server cannot be reached"),
            (["host=127.0.0.1 port=1 password=secret dbname=shop"], 1, "the server cannot be reached"),
            ([nowhere, "--schema", "a\"b"], 2, "invalid schema: it holds a quotation mark or a control character"),
            ([nowhere, "--schema", ""], 2, "invalid schema: it is empty"),
            (["postgres://u:secret%zz@h/shop"], 2, "invalid connection: it is neither"),
            (["./secret=1.sqlite"], 2, "invalid connection: it is neither"),
        ])
        func `a server that cannot be used is told in one line, without the password`(
            arguments: [String],
            exitCode: Int32,
            message: String
        ) async throws {
            try await withFolder { folder in
                let result = try await Program.bookshop.run(["--json", "--store"] + arguments, in: folder)
                #expect(result.exitCode == exitCode)
                #expect(result.output == "")
                #expect(result.errors.hasPrefix("bookshop: "))
                #expect(result.errors.contains(message))
                #expect(result.errors.split(separator: "\n").count == 1)
                #expect(!result.errors.contains("cret"))
            }
        }
    }
}
