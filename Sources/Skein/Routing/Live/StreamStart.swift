/// Where a live stream of events begins.
public enum StreamStart: Hashable, Sendable {
    /// With the first event there is.
    case beginning

    /// With what is stored after the stream is first asked for an event.
    case now

    /// After this version of an aggregate, or this position of the log.
    case after(Int64)
}
