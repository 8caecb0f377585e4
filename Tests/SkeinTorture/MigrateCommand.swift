import ArgumentParser
import SkeinPostgres

/// Opens a store at each address that comes in a line of input; several such processes race.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "migrate", shouldDisplay: false)

    func run() async throws {
        Output.line("ready")
        for await address in Input.lines() {
            do {
                let store = try await PostgresEventStore(address)
                _ = try await store.head()
                await store.close()
                Output.line("migrated")
            } catch {
                Output.line("failed: \(error)")
            }
        }
    }
}
