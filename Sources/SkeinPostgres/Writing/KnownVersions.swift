import Skein
import Synchronization

/// The versions that this process has seen streams reach.
///
/// A stream is at such a version or beyond, unless it was deleted. So every version stands under the number of deletions
/// that the database had counted when it was read, and all are forgotten when that number has grown.
final class KnownVersions: Sendable {
    private struct State {
        var deletions: Int64 = -1
        var streams = RecentStreams<Int64>()
    }

    private let state = Mutex(State())

    /// The number of deletions under which everything here is known.
    var deletions: Int64 { state.withLock { $0.deletions } }

    /// What is known of each stream, nil if nothing is, and the number of deletions under which it is known.
    func versions(of streams: some Sequence<StreamID>) -> (versions: [Int64?], deletions: Int64) {
        state.withLock { state in
            (streams.map { state.streams.state(of: $0) }, state.deletions)
        }
    }

    /// Notes the versions that streams have reached; ignored if they were read under another number of deletions.
    func note(_ versions: some Sequence<(Int64, StreamID)>, deletions: Int64) {
        state.withLock { state in
            guard deletions == state.deletions else { return }
            for (version, stream) in versions {
                state.streams.update(stream) { max(version, $0 ?? 0) }
            }
        }
    }

    /// Notes a version; ignored if it was read under another number of deletions.
    func note(_ version: Int64, of stream: StreamID, deletions: Int64) {
        state.withLock { state in
            guard deletions == state.deletions else { return }
            state.streams.update(stream) { max(version, $0 ?? 0) }
        }
    }

    /// Forgets everything.
    func forget() {
        state.withLock { $0.streams.removeAll() }
    }

    /// Forgets everything that was known under another number of deletions.
    func startOver(deletions: Int64) {
        state.withLock { state in
            guard deletions != state.deletions else { return }
            state.deletions = deletions
            state.streams.removeAll()
        }
    }
}
