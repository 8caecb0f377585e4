import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Skein
import UnixSignals

@main
struct Bookshop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bookshop",
        abstract: "Replays a shop's sales against the stock of its articles.",
        discussion: """
            Each row of the file buys copies of an article, or returns some if its quantity is negative. A purchase of \
            more copies than are left is rejected. Running the same file again, or again after a crash, gives each row \
            its first outcome again and changes nothing. A file is known by its content: changed in one byte it is \
            another file, and all its rows are new sales. Article codes in upper and lower case are different.

            The events are kept in a SQLite file, or with --store in PostgreSQL. What --store does not say, such as the \
            password, comes from libpq's environment variables (PGPASSWORD and so on) and its password file, where other \
            users of the machine cannot read it.
            """
    )

    @Argument(help: "The file of sales, as CSV. Default: a small one that comes with the sample.", completion: .file())
    var file: String?

    @Option(help: "The SQLite database. Default: named after the file, in the current directory.", completion: .file())
    var database: String?

    @Option(
        help: ArgumentHelp(
            "A PostgreSQL database instead: a URI (postgres://…), or pairs such as 'host=db dbname=shop'.",
            valueName: "connection"
        )
    )
    var store: String?

    @Option(help: "The schema in the PostgreSQL database; each is a shop of its own. Default: \(Self.ownSchema).")
    var schema: String?

    @Option(help: "How many commands are on their way at the same time.")
    var workers = 64

    @Option(help: "How many copies each article starts with; fixed by the first run on a database.")
    var openingStock = 100

    @Flag(help: "Print the summary as one JSON object.")
    var json = false

    @Option(help: "What is logged to standard error; at debug, each span.")
    var logLevel = Logger.Level.warning

    func validate() throws {
        guard 1...10_000 ~= workers else { throw ValidationError("--workers must be from 1 to 10000.") }
        guard 0...1_000_000_000 ~= openingStock else {
            throw ValidationError("--opening-stock must be from 0 to 1000000000.")
        }
        try validateStorage()
    }

    /// Refuses what cannot be meant. None of the texts is repeated: each may hold a password.
    private func validateStorage() throws {
        guard database == nil || store == nil else {
            throw ValidationError("Give --database for a SQLite file or --store for PostgreSQL, not both.")
        }
        guard schema == nil || store != nil else {
            throw ValidationError("--schema is for PostgreSQL and needs --store.")
        }
        guard store.map(Storage.isConnection) ?? true else {
            throw ValidationError(
                "--store takes a URI (postgres://…) or pairs such as 'host=db dbname=shop'; "
                    + "give a SQLite file with --database."
            )
        }
        guard ![file, database].compactMap(\.self).contains(where: Storage.isMistakenForPath) else {
            throw ValidationError("Give a PostgreSQL database with --store.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap { [logLevel] label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = logLevel
            return handler
        }
        do {
            let file = try SalesFile(path: file ?? Self.ownFile)
            let storage = storage(for: file)
            var summary = try await storage.withStore { store in
                try await importFile(file, into: store, option: storage.option)
            }
            summary.database = storage.description
            try Self.write(json ? summary.json : summary.text)
        } catch let complaint as Complaint {
            Progress.write("bookshop: \(complaint)\n")
            throw ExitCode(complaint.exitCode)
        }
    }

    /// Runs the bus and the import as services, so that Ctrl-C stops the import first and then the bus.
    private func importFile(
        _ file: SalesFile,
        into store: any EventStore,
        option: String
    ) async throws -> Summary {
        let logger = Logger(label: "bookshop")
        var configuration = BusConfiguration()
        if logLevel <= .debug { configuration.tracer = LoggingTracer(logger: logger) }
        let model = BestSellers.projection()
        let bus = try CommandBus(store: store, configuration: configuration) { Subscription(model) }
        let sales = Import(
            of: file,
            to: bus,
            model: model,
            workers: workers,
            openingStock: openingStock,
            storageOption: option,
            progress: Progress()
        )
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: bus),
                    .init(service: sales, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigint, .sigterm],
                logger: logger
            )
        )
        try await services.run()
        guard let summary = await sales.summary else { throw Complaint.interrupted }
        return summary
    }

    /// Writes the result. If nobody can read it there is nobody to tell, but the exit code says so.
    private static func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
        } catch {
            throw ExitCode.failure
        }
    }

    private static var ownFile: String {
        Bundle.module.path(forResource: "sales", ofType: "csv") ?? "sales.csv"
    }

    private static let ownSchema = "bookshop"

    func storage(for file: SalesFile) -> Storage {
        if let store { return .server(connection: store, schema: schema ?? Self.ownSchema) }
        let name = URL(filePath: file.path).deletingPathExtension().lastPathComponent
        return .file(database ?? "./\(name).sqlite")
    }
}
