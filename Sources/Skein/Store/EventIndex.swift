/// Where events are by their ids, for a log that holds the ids itself.
///
/// An id is most of a hash already, and an entry is one word, so that looking up the many ids that are new seldom leaves
/// the processor's caches. It is cut into many small tables, so that none takes long to grow while every writer waits.
struct EventIndex: Sendable {
    private var tables = [PositionTable](repeating: PositionTable(), count: 256)
    /// The greatest upper half of all ids. Those that Skein makes rise with time, so that most new ones are above it.
    private var greatest: UInt64 = 0

    /// The position of the event with an id in a log, whose event at position p is at index p − 1.
    func position(of id: EventID, in log: [StoredEvent?]) -> Int64? {
        guard id.high <= greatest else { return nil }
        let hash = Self.hash(of: id)
        return tables[Self.table(for: hash)].position(of: id, hash, in: log)
    }

    /// Keeps the position of an id that is not in the log yet. What is deleted there stays here and matches nothing.
    mutating func insert(_ id: EventID, at position: Int64) {
        greatest = max(greatest, id.high)
        let hash = Self.hash(of: id)
        tables[Self.table(for: hash)].insert(position, hash)
    }

    /// Differs from process to process, so that nobody can choose ids that fall together.
    private static let seed = UInt64.random(in: .min ... .max)

    private static func hash(of id: EventID) -> UInt64 {
        SeededRandom.mix(id.low ^ SeededRandom.mix(id.high ^ seed))
    }

    private static func table(for hash: UInt64) -> Int { Int(truncatingIfNeeded: hash & 0xFF) }
}

/// A hash table with open addressing: a position is at the place of its hash, or at the first one behind it that was free.
private struct PositionTable: Sendable {
    /// The upper bits are those of the hash, the lower ones are the position; 0 is free.
    private typealias Slot = UInt64
    private static let positionBits: UInt64 = 40
    private static var positionMask: UInt64 { (1 << positionBits) - 1 }

    /// A power of two, of which a quarter at least is free.
    private var slots: [Slot] = []
    private var taken = 0

    func position(of id: EventID, _ hash: UInt64, in log: [StoredEvent?]) -> Int64? {
        guard taken > 0 else { return nil }
        var place = place(of: hash)
        while slots[place] != 0 {
            if (slots[place] ^ hash) >> Self.positionBits == 0 {
                let position = slots[place] & Self.positionMask
                if log[Int(position) - 1]?.id == id { return Int64(position) }
            }
            place = next(place)
        }
        return nil
    }

    mutating func insert(_ position: Int64, _ hash: UInt64) {
        if taken >= slots.count / 4 * 3 { grow() }
        let slot = (hash & ~Self.positionMask) | UInt64(position)
        slots[freePlace(for: slot)] = slot
        taken += 1
    }

    private func freePlace(for slot: Slot) -> Int {
        var place = place(of: slot)
        while slots[place] != 0 { place = next(place) }
        return place
    }

    /// Follows from the bits that a slot keeps, so that growing needs no ids.
    private func place(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash >> Self.positionBits) & (slots.count - 1)
    }

    private func next(_ place: Int) -> Int { (place + 1) & (slots.count - 1) }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: 0, count: max(8, old.count * 2))
        for slot in old where slot != 0 { slots[freePlace(for: slot)] = slot }
    }
}
