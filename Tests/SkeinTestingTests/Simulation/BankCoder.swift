import Skein

/// The amounts of accounts' events as JSON written and read by hand, and all else as usual: a simulated history is coded many
/// times over, and how is not what it is for.
struct BankCoder: EventCoder {
    private static let json = JSONEventCoder()
    private static let prefix = Array(#"{"amount":"#.utf8)

    func codec<Event: DomainEvent>(for type: Event.Type) -> EventCodec<Event> {
        Self.codec as? EventCodec<Event> ?? Self.json.codec(for: type)
    }

    func encode<Value: Encodable>(_ value: Value) throws(EventCodingError) -> [UInt8] {
        try Self.json.encode(value)
    }

    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(EventCodingError) -> Value {
        try Self.json.decode(type, from: bytes)
    }

    private static let codec: EventCodec<BankAccount.Event> = {
        let json = BankCoder.json.codec(for: BankAccount.Event.self)
        return EventCodec(
            encode: { event throws(EventCodingError) in
                switch event {
                case .opened: try json.encode(event)
                case .deposited(let amount): ("deposited", payload(amount))
                case .withdrawn(let amount): ("withdrawn", payload(amount))
                }
            },
            decode: { name, version, payload throws(EventCodingError) in
                guard version == 1, name != "opened", let amount = amount(in: payload) else {
                    return try json.decode(name, version, payload)
                }
                return name == "deposited" ? .deposited(amount: amount) : .withdrawn(amount: amount)
            }
        )
    }()

    private static func payload(_ amount: Int) -> [UInt8] {
        prefix + Array(String(amount).utf8) + [UInt8(ascii: "}")]
    }

    /// The amount in a payload; nil for what was not written here, or was damaged.
    private static func amount(in payload: [UInt8]) -> Int? {
        guard payload.starts(with: prefix), payload.last == UInt8(ascii: "}") else { return nil }
        return Int(String(decoding: payload[prefix.count..<(payload.count - 1)], as: UTF8.self))
    }
}
