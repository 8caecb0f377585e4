import Synchronization

/// Takes a value out of a body.
final class Box<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    init(_ value: Value) {
        content = Mutex(value)
    }

    var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}

/// Takes a transaction out of the call that it was lent for, which it must not survive.
final class Escape: Sendable {
    /// Written in the call and read after it, never at the same time.
    nonisolated(unsafe) var marks: Marks?
}
