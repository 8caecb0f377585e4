import Skein

/// A reader that keeps asking for the best sellers while the table is rebuilt.
actor Onlooker {
    private let bestSellers: BestSellers
    private var isGone = false
    private var copies: Int64 = 0

    /// How often it looked.
    private(set) var looks = 0
    /// How often it saw fewer copies than before.
    private(set) var losses = 0
    /// How long the slowest answer took.
    private(set) var slowest = Duration.zero

    init(_ bestSellers: BestSellers) {
        self.bestSellers = bestSellers
    }

    func lookOn() async throws {
        while !isGone {
            try await look()
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    func look() async throws {
        let clock = ContinuousClock()
        let start = clock.now
        let view = try await bestSellers.view(top: 5)
        slowest = max(slowest, clock.now - start)
        looks += 1
        if view.copies < copies { losses += 1 }
        copies = view.copies
    }

    func leave() {
        isGone = true
    }
}
