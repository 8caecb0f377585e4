/// The kinds of faults.
enum Fault: String, CaseIterable, Codable, Sendable {
    /// A worker is killed and another one takes its place.
    case killWorker
    /// A worker stands still for a while.
    case pauseWorker
    /// A worker stands still, another one takes its place, and then it goes on beside it.
    case supersedeWorker
    /// Some of the workers' connections are ended by the server.
    case terminateBackends
    /// The server crashes and is started again.
    case crashServer
    /// All connections of a worker are cut.
    case cutConnections
    /// A worker's connections are cut, and new ones too for a while.
    case refuseConnections
    /// What a worker sends and gets comes late for a while.
    case delay
    /// A worker's connections stay and carry nothing, for longer than it waits; then they are cut or go on.
    case halfOpen
    /// A connection is cut before the server gets an append.
    case loseRequest
    /// A connection is cut when the server has just got an append.
    case cutDuringAppend
    /// A connection is cut when an append is committed, and its answer is lost.
    case loseAnswer
}
