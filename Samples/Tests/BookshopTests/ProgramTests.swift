import SampleTesting
import Testing

/// Runs the program as a user does, one process at a time.
@Suite(.serialized) enum ProgramTests {}

extension Program {
    static let bookshop = Program("bookshop")
}
