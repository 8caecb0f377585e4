/// What the program tells its user before it gives up.
struct Complaint: Error, Equatable, CustomStringConvertible {
    let description: String
    let exitCode: Int32

    /// The input or the options are wrong: running again changes nothing.
    static func input(_ description: String) -> Complaint {
        Complaint(description: description, exitCode: 2)
    }

    /// Something failed on the way: running again goes on where it stopped.
    static func failure(_ description: String) -> Complaint {
        Complaint(description: description, exitCode: 1)
    }

    /// The user stopped it: running again goes on where it stopped.
    static let interrupted = Complaint(
        description: "interrupted; run the same command again to complete the import",
        exitCode: 130
    )
}
