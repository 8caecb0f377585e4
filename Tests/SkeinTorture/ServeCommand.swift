import ArgumentParser
import Foundation
import PostgresServer

/// Starts a server, says where it is, and keeps it for as long as there is input.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

    func run() async throws {
        let server = try await PostgresServer()
        Output.line(server.folder.path)
        for await _ in Input.lines() {}
        await server.end()
    }
}
