import Skein
import Synchronization

/// The ids of one run of a case: always the same ones, and no two alike.
final class ConformanceIDs: Sendable {
    @TaskLocal static var current = ConformanceIDs()

    private let count = Atomic<UInt64>(0)

    func next<Kind>() -> UniqueID<Kind> {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        var random = SeededRandom(seed: number)
        return UniqueID(high: random.next(), low: random.next())
    }
}

extension UniqueID {
    /// An id that the case has not used yet.
    static func unused() -> UniqueID { ConformanceIDs.current.next() }
}
