import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import Skein
import SkeinSQLite
import UnixSignals

@main
struct Rebuild: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Rebuilds a table of best sellers while sales come in and a reader looks on.",
        discussion: """
            A database that is empty is given made-up sales first. The table is kept by a projection: what it holds and how \
            far it has come are one transaction. It is rebuilt beside the one that is read, and takes its place when it has \
            caught up with the tills. In the end it is held against a count of the log, and the exit code is 1 if it is \
            another one, or if a reader ever saw fewer copies than before. Stopped in the middle with Ctrl-C, it goes on \
            there in the next run.
            """
    )

    @Option(help: "The SQLite database.", completion: .file())
    var database = Self.ownDatabase

    @Option(help: "How many sales an empty database is given.")
    var sales = 200_000

    @Option(help: "How many books there are in an empty database.")
    var articles = 1_000

    @Option(help: "How many tills sell while the table is rebuilt.")
    var tills = 4

    @Flag(help: "Print the summary as one JSON object.")
    var json = false

    func validate() throws {
        guard 1...100_000_000 ~= sales else { throw ValidationError("--sales must be from 1 to 100000000.") }
        guard 1...10_000 ~= articles else { throw ValidationError("--articles must be from 1 to 10000.") }
        guard 0...1_000 ~= tills else { throw ValidationError("--tills must be from 0 to 1000.") }
    }

    func run() async throws {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .warning
            return handler
        }
        do {
            let store = try await open()
            let summary: Summary
            do {
                summary = try await demonstrate(on: store)
                await store.close()
            } catch {
                await store.close()
                throw error
            }
            try Self.write(json ? summary.json : summary.text)
            if !summary.isGood { throw ExitCode.failure }
        } catch let complaint as Complaint {
            ProgressBar.write("rebuild: \(complaint)\n")
            throw ExitCode(complaint.exitCode)
        }
    }

    private func open() async throws(Complaint) -> SQLiteEventStore {
        do {
            return try await SQLiteEventStore(path: database)
        } catch {
            throw Complaint.failure("the database \(database) cannot be opened: \(error.message)")
        }
    }

    /// Runs the bus and the demonstration as services, so that Ctrl-C stops the demonstration first and then the bus.
    private func demonstrate(on store: SQLiteEventStore) async throws -> Summary {
        let bus = CommandBus(store: store) {
            Subscription(BestSellerTable(), batches: BatchSize(2_000))
        }
        let isQuiet = json
        let demonstration = Demonstration(
            on: store,
            bus,
            sales: try await chosenSales(bus),
            tills: tills,
            database: database
        ) { text in
            if !isQuiet { try? Self.write(text) }
        }
        let services = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: bus),
                    .init(service: demonstration, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigint, .sigterm],
                logger: Logger(label: "rebuild")
            )
        )
        try await services.run()
        guard let summary = await demonstration.summary else { throw Complaint.interrupted }
        return summary
    }

    /// The sales that a database was begun with, whatever the options say, or those of the options.
    private func chosenSales(_ bus: CommandBus) async throws -> MadeUpSales {
        try await bus.state(of: Catalogue.id) { $0.sales } ?? MadeUpSales(articles: articles, count: sales)
    }

    /// Writes the result. If nobody can read it there is nobody to tell, but the exit code says so.
    private static func write(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
        } catch {
            throw ExitCode.failure
        }
    }

    private static let ownDatabase = "./rebuild.sqlite"
}
