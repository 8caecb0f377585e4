/// How a stream is deleted.
public enum DeleteMode: Hashable, Sendable {
    /// The stream can be neither read nor written any more; readers of the log still see its events.
    case soft

    /// The events are gone, and the stream may begin anew at version 1. Only where the store was set up to allow it.
    case hard
}
