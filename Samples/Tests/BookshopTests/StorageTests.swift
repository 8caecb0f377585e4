import ArgumentParser
import SampleTesting
import Testing

@testable import bookshop

@Suite struct StorageTests {
    @Test func `a file of its own is the default, and named after the sales`() throws {
        try withFile(Self.sales) { path in
            let file = try SalesFile(path: path)
            #expect(try Bookshop.parse([]).storage(for: file) == .file("./sales.sqlite"))
            #expect(try Bookshop.parse(["--database", "a.sqlite"]).storage(for: file) == .file("a.sqlite"))
        }
    }

    @Test(arguments: [
        "postgres://db/shop", "postgresql://u:secret@a,b:5433/shop?sslmode=require", "postgres://",
        "host=db dbname=shop", "dbname = shop",
    ])
    func `what libpq takes leads to a server, and to a schema of the shop's own`(connection: String) throws {
        try withFile(Self.sales) { path in
            let file = try SalesFile(path: path)
            let own = try Bookshop.parse(["--store", connection])
            #expect(own.storage(for: file) == .server(connection: connection, schema: "bookshop"))
            let chosen = try Bookshop.parse(["--store", connection, "--schema", "spring"])
            #expect(chosen.storage(for: file) == .server(connection: connection, schema: "spring"))
        }
    }

    @Test(arguments: [
        (["--store", "postgres://u:secret@h/shop", "--database", "a.sqlite"], "not both"),
        (["--schema", "spring"], "needs --store"),
        (["--schema", "spring", "--database", "a.sqlite"], "needs --store"),
        (["--store", "secret.sqlite"], "give a SQLite file with --database"),
        (["--store", ""], "give a SQLite file with --database"),
        (["--store", "mysql://u:secret@h/shop"], "give a SQLite file with --database"),
        (["--database", "postgres://u:secret@h/shop"], "Give a PostgreSQL database with --store"),
        (["--database", "host=h password=secret"], "Give a PostgreSQL database with --store"),
        (["Postgresql://u:secret@h/shop"], "Give a PostgreSQL database with --store"),
    ])
    func `options that contradict each other are refused without being repeated`(
        arguments: [String],
        message: String
    ) throws {
        let error = try #require(throws: (any Error).self) { try Bookshop.parse(arguments) }
        let text = Bookshop.fullMessage(for: error)
        #expect(text.contains(message))
        #expect(!text.contains("secret"))
        #expect(Bookshop.exitCode(for: error).rawValue == 64)
    }

    @Test func `no text of a storage shows the connection`() {
        let storage = Storage.server(connection: "postgres://u:secret@h/shop", schema: "spring")
        #expect("\(storage)" == "PostgreSQL (schema spring)")
        #expect(storage.option == "--schema")
        #expect("\(Storage.file("a.sqlite"))" == "a.sqlite")
        #expect(Storage.file("a.sqlite").option == "--database")
    }

    private static let sales = "\(Sale.columns.joined(separator: ","))\n"
}
