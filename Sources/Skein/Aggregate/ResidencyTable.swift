/// Which values are in memory, in the order of their last use. Those in use are pinned and never leave.
///
/// A pure table: it neither locks nor looks at a clock. All steps take the same time, however many there are.
struct ResidencyTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// Where a pinned value is kept.
    typealias Place = Int

    /// A value that stays until it is checked in.
    typealias Pinned = (value: Value, place: Place)

    /// Small, for every use of a value touches the slots of its neighbours too: the keys are elsewhere.
    private struct Slot {
        var value: Value?
        var pins = 0
        var lastUse = 0
        var older = noPlace
        var newer = noPlace
    }

    private static var noPlace: Place { -1 }

    private var slots: [Slot] = []
    private var keys: [Key] = []
    private var free: [Place] = []
    private var places: [Key: Place] = [:]
    private var oldest = noPlace
    private var newest = noPlace
    private var round = 0

    /// How many values are in memory, pinned or not.
    var count: Int { places.count }

    /// Pins the key's value, which is made if there is none.
    ///
    /// A new value may push the least recently used one out. Nil if the limit is reached and all are pinned.
    mutating func checkOut<Failure>(
        _ key: Key,
        limit: Int,
        make: (Key) throws(Failure) -> Value
    ) throws(Failure) -> Pinned? {
        if let place = places[key], let value = slots[place].value {
            if slots[place].pins == 0 { unlink(place) }
            slots[place].pins += 1
            return (value, place)
        }
        if count >= limit, oldest == Self.noPlace { return nil }
        let value = try make(key)
        if count >= limit { remove(oldest) }
        let place = insert(Slot(value: value, pins: 1), for: key)
        places[key] = place
        return (value, place)
    }

    /// Takes one pin back; without pins the value may leave from now on.
    mutating func checkIn(_ place: Place) {
        slots[place].pins -= 1
        guard slots[place].pins == 0 else { return }
        slots[place].lastUse = round
        link(place)
    }

    /// Begins a new round and returns its number. Uses are told apart by round, so that none has to look at a clock.
    mutating func beginRound() -> Int {
        round += 1
        return round
    }

    /// Lets go of values that are not pinned and were last used before a round, oldest first, at most so many.
    mutating func evict(notUsedSince round: Int, atMost limit: Int) -> Int {
        var evicted = 0
        while evicted < limit, oldest != Self.noPlace, slots[oldest].lastUse < round {
            remove(oldest)
            evicted += 1
        }
        return evicted
    }

    private mutating func insert(_ slot: Slot, for key: Key) -> Place {
        guard let place = free.popLast() else {
            slots.append(slot)
            keys.append(key)
            return slots.count - 1
        }
        slots[place] = slot
        keys[place] = key
        return place
    }

    private mutating func remove(_ place: Place) {
        unlink(place)
        places[keys[place]] = nil
        slots[place].value = nil
        free.append(place)
    }

    private mutating func link(_ place: Place) {
        slots[place].older = newest
        slots[place].newer = Self.noPlace
        if newest != Self.noPlace { slots[newest].newer = place } else { oldest = place }
        newest = place
    }

    private mutating func unlink(_ place: Place) {
        let older = slots[place].older
        let newer = slots[place].newer
        if older != Self.noPlace { slots[older].newer = newer } else { oldest = newer }
        if newer != Self.noPlace { slots[newer].older = older } else { newest = older }
    }
}
