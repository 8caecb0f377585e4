import Skein

/// Sends values through the coder of a bus and tells what does not come back as it went in.
struct CodingCheck<A: Aggregate> {
    private let coder: any EventCoder
    private let codec: EventCodec<A.Event>

    init(_ coder: any EventCoder) {
        self.coder = coder
        codec = coder.codec(for: A.Event.self)
    }

    /// An event as it is stored and as it is read again, nil where that fails, and what is wrong with it.
    ///
    /// The stored one has no identity and no metadata yet.
    func event(_ event: A.Event) -> (stored: NewEvent?, read: A.Event?, finding: Finding?) {
        let text = Portrait(of: event).line
        do {
            let (name, payload) = try codec.encode(event)
            let version = A.Event.schemaVersion
            let stored = NewEvent(id: EventID(high: 0, low: 0), name: name, schemaVersion: version, payload: payload)
            try stored.validate(limits: EventStoreLimits())
            let place = "The event \(text), stored as \(name) \(payload.text),"
            do {
                let read = try codec.decode(name, version, payload)
                guard !Likeness.holds(event, read) else { return (stored, read, nil) }
                let difference = SideBySide("written", [event], "read", [read])
                return (stored, nil, Finding("\(place) is not read as it was written:", difference))
            } catch {
                return (stored, nil, Finding("\(place) cannot be read again: \(error)"))
            }
        } catch {
            return (nil, nil, Finding("The event \(text) cannot be stored: \(error)"))
        }
    }

    /// A command that can be encoded must come back the same; others are let through.
    func command(_ command: A.Command) -> Finding? {
        guard let command = command as? any Codable else { return nil }
        return check(command, "command")
    }

    /// A rejection is stored for commands whose sender chose their id.
    func rejection(_ rejection: A.Rejection) -> Finding? {
        check(rejection, "rejection")
    }

    /// A state as it comes back from a snapshot; nil if it has no coding, or with a finding if that is broken.
    func state(_ state: A) -> (state: A?, finding: Finding?) {
        guard let codable = state as? any Codable else { return (nil, nil) }
        return restored(codable, as: A.self)
    }

    private func restored<Value: Codable>(_ value: Value, as type: A.Type) -> (A?, Finding?) {
        do {
            let decoded = try coder.decode(Value.self, from: coder.encode(value))
            guard !Likeness.holds(value, decoded) else { return (decoded as? A, nil) }
            let difference = SideBySide("written", state: value, "read", state: decoded)
            return (
                nil,
                Finding(
                    "The state of \(A.aggregateName) is not read as it was written, by a snapshot for one:",
                    difference
                )
            )
        } catch {
            return (
                nil, Finding("The state of \(A.aggregateName) has a coding, but cannot be written and read: \(error)")
            )
        }
    }

    private func check<Value: Codable>(_ value: Value, _ role: String) -> Finding? {
        let text = Portrait(of: value).line
        do {
            let bytes = try coder.encode(value)
            let decoded = try coder.decode(Value.self, from: bytes)
            guard !Likeness.holds(value, decoded) else { return nil }
            let headline =
                "The \(role) \(text), encoded as \(bytes.text), is not read as it was written:"
            return Finding(headline, SideBySide("written", [value], "read", [decoded]))
        } catch {
            return Finding("The \(role) \(text) cannot be encoded and decoded: \(error)")
        }
    }
}

extension [UInt8] {
    fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}
