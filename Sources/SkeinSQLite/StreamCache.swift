import Skein

/// What the writer knows of streams that were written lately; nil for a stream that does not exist.
///
/// It has two halves. When the younger is full it becomes the older, and the older one is forgotten.
struct StreamCache: Sendable {
    private static let halfLimit = 32_768
    private var younger: [StreamID: StreamState?] = [:]
    private var older: [StreamID: StreamState?] = [:]

    /// Nil if the cache does not know; a nil inside if there is no such stream.
    mutating func state(of stream: StreamID) -> StreamState?? {
        if let state = younger[stream] { return state }
        guard let state = older[stream] else { return nil }
        keep(state, of: stream)
        return state
    }

    mutating func keep(_ state: StreamState?, of stream: StreamID) {
        if younger.count >= Self.halfLimit {
            swap(&younger, &older)
            younger.removeAll(keepingCapacity: true)
        }
        younger.updateValue(state, forKey: stream)
    }

    mutating func removeAll() {
        self = StreamCache()
    }
}
