import Testing

@testable import Skein

@Suite struct ResidencyTableTests {
    /// The same rules, said as plainly as possible.
    private struct Reference {
        var entries: [(key: Int, pins: Int, round: Int)] = []
        var round = 0

        mutating func checkOut(_ key: Int, limit: Int) -> Bool {
            if let index = entries.firstIndex(where: { $0.key == key }) {
                entries[index].pins += 1
                return true
            }
            if entries.count >= limit {
                guard let victim = entries.firstIndex(where: { $0.pins == 0 }) else { return false }
                entries.remove(at: victim)
            }
            entries.append((key, 1, 0))
            return true
        }

        /// The order of the entries without pins is the order of their last use.
        mutating func checkIn(_ key: Int) {
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return }
            entries[index].pins -= 1
            guard entries[index].pins == 0 else { return }
            entries[index].round = round
            entries.append(entries.remove(at: index))
        }

        mutating func evict(before round: Int, atMost limit: Int) -> Int {
            var evicted = 0
            while evicted < limit, let first = entries.firstIndex(where: { $0.pins == 0 }), entries[first].round < round
            {
                entries.remove(at: first)
                evicted += 1
            }
            return evicted
        }
    }

    @Test(arguments: 0..<20)
    func `a random history is that of a plain list`(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var table = ResidencyTable<Int, Int>()
        var reference = Reference()
        var pinned: [(key: Int, place: Int)] = []
        var made = 0
        for _ in 0..<2_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let key = Int.random(in: 0..<12, using: &random)
                let wasThere = reference.entries.contains { $0.key == key }
                let madeBefore = made
                let found = table.checkOut(key, limit: 6) { key in
                    made += 1
                    return key
                }
                #expect((found != nil) == reference.checkOut(key, limit: 6))
                #expect(wasThere == (made == madeBefore) || found == nil)
                if let found {
                    #expect(found.value == key)
                    pinned.append((key, found.place))
                }
            case 5..<9:
                guard let index = pinned.indices.randomElement(using: &random) else { continue }
                let (key, place) = pinned.remove(at: index)
                table.checkIn(place)
                reference.checkIn(key)
            default:
                if Bool.random(using: &random) {
                    reference.round += 1
                    #expect(table.beginRound() == reference.round)
                }
                let round = max(0, reference.round - Int.random(in: 0..<3, using: &random))
                let evicted = reference.evict(before: round, atMost: 2)
                #expect(table.evict(notUsedSince: round, atMost: 2) == evicted)
            }
            #expect(table.count == reference.entries.count)
        }
    }

    @Test func `a value that cannot be made leaves the table as it was`() throws {
        struct Bad: Error {}
        var table = ResidencyTable<Int, Int>()
        let first = try #require(table.checkOut(1, limit: 1) { $0 })
        table.checkIn(first.place)
        #expect(throws: Bad.self) { try table.checkOut(2, limit: 1) { _ throws(Bad) in throw Bad() } }
        #expect(table.count == 1)
        var made = 0
        _ = table.checkOut(1, limit: 1) { key in
            made += 1
            return key
        }
        #expect(made == 0)
    }
}
