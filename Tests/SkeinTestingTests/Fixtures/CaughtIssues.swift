import Synchronization
import Testing

/// An issue that a test was meant to raise.
struct CaughtIssue {
    let text: String
    let line: Int?
}

/// Runs something that is expected to raise issues, and returns them.
func caughtIssues(in body: () throws -> Void) rethrows -> [CaughtIssue] {
    let net = IssueNet()
    try withKnownIssue(isIntermittent: true) {
        try body()
    } matching: {
        net.take($0)
    }
    return net.issues
}

/// Runs something that is expected to raise issues, and returns them.
func caughtIssues(in body: () async throws -> Void) async rethrows -> [CaughtIssue] {
    let net = IssueNet()
    try await withKnownIssue(isIntermittent: true) {
        try await body()
    } matching: {
        net.take($0)
    }
    return net.issues
}

private final class IssueNet: Sendable {
    private let caught = Mutex<[CaughtIssue]>([])

    var issues: [CaughtIssue] { caught.withLock { $0 } }

    func take(_ issue: Issue) -> Bool {
        let text = issue.comments.map(\.rawValue).joined(separator: "\n")
        caught.withLock { $0.append(CaughtIssue(text: text, line: issue.sourceLocation?.line)) }
        return true
    }
}
