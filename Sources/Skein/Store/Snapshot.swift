/// An aggregate's encoded state at a version, which saves reading the events before it.
public struct Snapshot: Hashable, Sendable {
    /// The aggregate's stream.
    public let stream: StreamID

    /// The version of the last event in the state.
    public let version: Int64

    /// The version of the state's shape; one of another shape is ignored.
    public let shapeVersion: Int

    /// The encoded state.
    public let payload: [UInt8]

    /// A checksum over the payload, set by ``init(stream:version:shapeVersion:payload:)``.
    public let checksum: UInt64

    /// Creates a snapshot of a payload.
    public init(stream: StreamID, version: Int64, shapeVersion: Int, payload: [UInt8]) {
        self.init(
            stream: stream,
            version: version,
            shapeVersion: shapeVersion,
            payload: payload,
            checksum: Self.checksum(of: payload)
        )
    }

    /// Creates a snapshot as it was read; for stores.
    public init(stream: StreamID, version: Int64, shapeVersion: Int, payload: [UInt8], checksum: UInt64) {
        self.stream = stream
        self.version = version
        self.shapeVersion = shapeVersion
        self.payload = payload
        self.checksum = checksum
    }

    /// Whether the payload is the one that was written.
    public var isIntact: Bool { checksum == Self.checksum(of: payload) }

    /// FNV-1a over 64 bits; it finds damage, it does not protect against forgery.
    private static func checksum(of payload: [UInt8]) -> UInt64 {
        payload.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
