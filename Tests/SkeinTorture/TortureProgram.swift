import ArgumentParser

/// Worker processes on one PostgreSQL server, every fault that can be made, and a verdict from the outside.
@main
struct TortureProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "SkeinTorture",
        abstract: "Tortures the PostgreSQL store and checks that nothing was lost and nothing happened twice.",
        subcommands: [
            TortureCommand.self, WorkerCommand.self, ReadModelsCommand.self, MigrateCommand.self, ServeCommand.self,
        ],
        defaultSubcommand: TortureCommand.self
    )
}
