/// The positions of events by their ids.
///
/// Cut into many small dictionaries, so that none takes long to grow while every writer waits.
struct EventIndex: Sendable {
    private var parts: [[EventID: Int64]] = Array(repeating: [:], count: 256)

    subscript(id: EventID) -> Int64? {
        get { parts[part(of: id)][id] }
        set { parts[part(of: id)][id] = newValue }
    }

    /// The lower bits are spread evenly, whoever made the id: an event's id follows from its command's by mixing.
    private func part(of id: EventID) -> Int { Int(truncatingIfNeeded: id.low & 0xFF) }
}
