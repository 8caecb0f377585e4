/// A part of a subscription: the streams whose names fall to it. A subscription that is not parted is one partition.
package struct SubscriptionPartition: Hashable, Sendable {
    /// The subscription's name.
    package let subscription: String

    /// Which part it is, from 0.
    package let index: Int

    /// How many parts there are.
    package let count: Int

    package init(of subscription: String, index: Int = 0, count: Int = 1) {
        self.subscription = subscription
        self.index = index
        self.count = count
    }

    /// What its checkpoint is kept under.
    package var key: String { count == 1 ? subscription : "\(subscription)#\(index)/\(count)" }

    /// All parts of a subscription, in order.
    package static func all(of subscription: String, count: Int) -> [SubscriptionPartition] {
        (0..<count).map { SubscriptionPartition(of: subscription, index: $0, count: count) }
    }

    /// Whether a stream's events belong here. It is the same in every process and for all time.
    package func contains(_ stream: StreamID) -> Bool {
        count == 1 || Self.hash(of: stream) % UInt64(count) == UInt64(index)
    }

    /// FNV-1a over both names' bytes, with a last step that spreads them over all bits.
    static func hash(of stream: StreamID) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in stream.aggregate.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        // No name holds this byte, so that it tells where the first one ends.
        hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        for byte in stream.id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return SeededRandom.mix(hash)
    }
}
