import ArgumentParser

/// The command line of Skein.
@main
struct SkeinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skein",
        abstract: "Tools for event stores and for measuring them.",
        subcommands: [BenchCommand.self, BenchChildCommand.self]
    )
}
