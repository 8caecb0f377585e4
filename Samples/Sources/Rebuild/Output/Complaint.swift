/// What the program tells its user before it gives up.
struct Complaint: Error, Equatable, CustomStringConvertible {
    let description: String
    let exitCode: Int32

    /// The options are wrong: running again changes nothing.
    static func input(_ description: String) -> Complaint {
        Complaint(description: description, exitCode: 2)
    }

    /// Something failed on the way.
    static func failure(_ description: String) -> Complaint {
        Complaint(description: description, exitCode: 1)
    }

    /// The user stopped it.
    static let interrupted = Complaint(
        description: "interrupted; run the same command again to go on where this run was",
        exitCode: 130
    )
}
