/// What is known of streams that were used lately.
///
/// It has two halves. When the younger is full it becomes the older, and the older one is forgotten.
package struct RecentStreams<State: Sendable>: Sendable {
    private let halfLimit = 32_768
    private var younger: [StreamID: State] = [:]
    private var older: [StreamID: State] = [:]

    package init() {}

    /// Nil for a stream of which nothing is known, or was forgotten.
    package mutating func state(of stream: StreamID) -> State? {
        if let state = younger[stream] { return state }
        guard let state = older[stream] else { return nil }
        keep(state, of: stream)
        return state
    }

    package mutating func keep(_ state: State, of stream: StreamID) {
        if younger.count >= halfLimit {
            swap(&younger, &older)
            younger.removeAll(keepingCapacity: true)
        }
        younger.updateValue(state, forKey: stream)
    }

    /// Changes what is known of a stream; the closure is given nil if that is nothing.
    package mutating func update(_ stream: StreamID, _ change: (State?) -> State) {
        if let index = younger.index(forKey: stream) {
            younger.values[index] = change(younger.values[index])
        } else {
            keep(change(older[stream]), of: stream)
        }
    }

    package mutating func removeAll() {
        self = RecentStreams()
    }
}
