import Skein
import Testing

@testable import bookshop

@Suite struct LanesTests {
    @Test(arguments: 1...20)
    func `each article has one row on its way at most, in file order, and the limits hold`(_ seed: UInt64) {
        var random = Generator(seed: seed)
        var lanes = Lanes(limit: 4)
        var onTheirWay: [Sale] = []
        var finished: [Article.ID: [Int]] = [:]
        var waiting = 0

        func finishOne() {
            let sale = onTheirWay.remove(at: Int.random(in: onTheirWay.indices, using: &random))
            finished[sale.article, default: []].append(sale.line)
            if let next = lanes.finish(sale.article) {
                #expect(next.article == sale.article)
                onTheirWay.append(next)
                waiting -= 1
            }
            #expect(Set(onTheirWay.map(\.article)).count == onTheirWay.count)
        }

        for line in 1...1_000 {
            // A few articles are bought far more often than the others.
            let article = Int.random(in: 0...Int.random(in: 0...30, using: &random), using: &random)
            let sale = Sale(line: line, article: .init("\(article)"), description: "", quantity: .sold(1))
            while !lanes.hasRoom(for: sale) { finishOne() }
            if let admitted = lanes.admit(sale) { onTheirWay.append(admitted) } else { waiting += 1 }
            #expect(onTheirWay.count <= 4 && waiting <= lanes.waitingLimit)
        }
        while !onTheirWay.isEmpty { finishOne() }
        #expect(waiting == 0)
        #expect(finished.values.map(\.count).reduce(0, +) == 1_000)
        #expect(finished.values.allSatisfy { $0 == $0.sorted() })
    }
}

/// Numbers that are the same for the same seed: SplitMix64.
struct Generator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var number = state
        number = (number ^ (number >> 30)) &* 0xbf58_476d_1ce4_e5b9
        number = (number ^ (number >> 27)) &* 0x94d0_49bb_1331_11eb
        return number ^ (number >> 31)
    }
}
