import Skein
import SkeinTesting
import Testing

/// Doctored deliveries and checkpoints.
struct SubscriptionTests {
    /// Six events in two jars, and nothing but the subscription in the history.
    private static func tale() throws -> Tale {
        var tale = Tale()
        for number in 1...6 { try tale.carryOut(.put(coins: [number]), of: number.isMultiple(of: 2) ? "k" : "j") }
        tale.history.entries = []
        return tale
    }

    private func kinds(
        _ subscription: ObservedSubscription = ObservedSubscription("view"),
        _ tell: (inout Tale) -> Void
    ) throws -> [Violation.Kind] {
        var tale = try Self.tale()
        tell(&tale)
        var checker = HistoryChecker(subscriptions: [subscription])
        checker.allowsForeignCommands = true
        return checker.check(tale.history, against: tale.log).map(\.kind)
    }

    private let drained = ObservedSubscription("view", isDrained: true)

    @Test func `a subscription that equals the log is accepted`() throws {
        let kinds = try kinds(drained) { tale in
            tale.claim(0, epoch: 1)
            tale.deliver(1, 2, 3)
            tale.move(3, epoch: 1)
            tale.deliver(4, 5, 6)
            tale.move(6, epoch: 1)
        }
        #expect(kinds == [])
    }

    @Test func `what comes again after a crash is folded`() throws {
        let withClaims = try kinds(drained) { tale in
            tale.claim(0, epoch: 1)
            tale.deliver(1, 2, 3)
            tale.move(2, epoch: 1)
            tale.claim(2, epoch: 2, by: "b")
            tale.deliver(3, 4, to: "b")
            // The old owner does not know yet.
            tale.deliver(4)
            tale.deliver(5, 6, to: "b")
            tale.move(6, epoch: 2, by: "b")
        }
        #expect(withClaims == [])
        let withoutClaims = try kinds(drained) { tale in
            tale.deliver(1, 2, 3)
            tale.deliver(1, 2, 3, 4)
            tale.deliver(5, to: "b")
            tale.deliver(6)
        }
        #expect(withoutClaims == [])
    }

    @Test func `an event whose handler has failed may come again`() throws {
        let kinds = try kinds(drained) { tale in
            tale.claim(0, epoch: 1)
            tale.deliver(1)
            tale.add(.delivered(tale.delivery(2)))
            tale.add(.delivered(tale.delivery(2)))
            tale.deliver(2, 3, 4, 5, 6)
        }
        #expect(kinds == [])
    }

    @Test func `a filtered subscription gets its part`() throws {
        var part = drained
        part.filter = EventFilter(aggregates: ["Else"])
        #expect(try kinds(part) { $0.claim(6, epoch: 1) } == [])
        #expect(try kinds(part) { $0.deliver(1) } == [.unknownDelivery])
    }

    @Test func `an ephemeral subscription has a trace of its own on each node`() throws {
        let ephemeral = ObservedSubscription("view", durability: .ephemeral, isDrained: true)
        let complete = try kinds(ephemeral) { tale in
            tale.deliver(1, 2)
            tale.deliver(1, 2, 3, 4, 5, 6, to: "b")
        }
        #expect(complete == [])
        let shared = try kinds(ephemeral) { tale in
            tale.deliver(1, 2)
            tale.deliver(3, 4, 5, 6, to: "b")
        }
        #expect(shared == [.skippedDelivery, .notDrained])
    }

    @Test func `swapped events are found`() throws {
        #expect(try kinds { $0.deliver(1, 3, 2) }.first == .skippedDelivery)
        #expect(
            try kinds {
                $0.claim(0, epoch: 1); $0.deliver(1, 3, 2)
            } == [.skippedDelivery, .outOfOrderDelivery]
        )
    }

    @Test func `a skipped event is found`() throws {
        #expect(try kinds { $0.deliver(1, 2, 4) } == [.skippedDelivery])
        #expect(try kinds { $0.deliver(2) } == [.skippedDelivery])
        #expect(
            try kinds {
                $0.deliver(1, 2); $0.deliver(4, to: "b")
            } == [.skippedDelivery]
        )
        #expect(
            try kinds {
                $0.claim(0, epoch: 1); $0.deliver(1, 3)
            } == [.skippedDelivery]
        )
    }

    @Test func `a jump after going back is found`() throws {
        #expect(
            try kinds {
                $0.deliver(1, 2, 3, 4); $0.deliver(2, 4)
            } == [.skippedDelivery]
        )
    }

    @Test func `what is not in the log is found`() throws {
        let doctors: [@Sendable (inout History.Delivery) -> Void] = [
            { $0.position = 9 }, { $0.version += 1 }, { $0.event = EventID(high: 1, low: 1) },
            { $0.stream = Tale.stream("other") },
        ]
        for doctor in doctors {
            let kinds = try kinds { tale in
                var delivery = tale.delivery(1)
                doctor(&delivery)
                tale.add(.delivered(delivery))
            }
            #expect(kinds == [.unknownDelivery])
        }
    }

    @Test func `going on after a failed event is found`() throws {
        let kinds = try kinds { tale in
            tale.deliver(1)
            tale.add(.delivered(tale.delivery(2)))
            tale.deliver(3)
        }
        #expect(kinds == [.skippedDelivery])
    }

    @Test func `going back without taking over anew is found`() throws {
        #expect(
            try kinds {
                $0.claim(0, epoch: 1); $0.deliver(1, 2, 3, 2)
            } == [.outOfOrderDelivery]
        )
        #expect(
            try kinds {
                $0.claim(0, epoch: 1); $0.deliver(1, 1)
            } == [.outOfOrderDelivery]
        )
    }

    @Test func `handling what was not given is found`() throws {
        let kinds = try kinds { tale in
            tale.deliver(1)
            tale.add(.handled(tale.delivery(2)))
        }
        #expect(kinds == [.outOfOrderDelivery])
    }

    @Test func `a checkpoint before the effect is found`() throws {
        #expect(
            try kinds {
                $0.claim(0, epoch: 1); $0.deliver(1, 2); $0.move(3, epoch: 1)
            } == [.checkpointAhead]
        )
        let unhandled = try kinds { tale in
            tale.claim(0, epoch: 1)
            tale.add(.delivered(tale.delivery(1)))
            tale.move(1, epoch: 1)
        }
        #expect(unhandled == [.checkpointAhead])
        #expect(
            try kinds {
                $0.claim(0, epoch: 1); $0.deliver(1, 2, 3, 4, 5, 6); $0.move(7, epoch: 1)
            } == [.checkpointAhead]
        )
    }

    @Test func `a checkpoint that an old owner moves is found`() throws {
        let kinds = try kinds { tale in
            tale.claim(0, epoch: 1)
            tale.deliver(1, 2)
            tale.claim(0, epoch: 2, by: "b")
            tale.move(2, epoch: 1)
        }
        #expect(kinds == [.checkpointNotFenced])
    }

    @Test func `a move by somebody who has not claimed it is found, whatever the epoch`() throws {
        let kinds = try kinds { tale in
            tale.claim(0, epoch: 1)
            tale.deliver(1, 2)
            tale.claim(0, epoch: 2, by: "b")
            tale.move(0, epoch: 2)
        }
        #expect(kinds == [.checkpointNotFenced])
    }

    @Test func `a claim that does not raise the epoch is found`() throws {
        #expect(
            try kinds {
                $0.claim(0, epoch: 1); $0.claim(0, epoch: 1, by: "b")
            } == [.checkpointNotFenced]
        )
    }

    @Test func `a node that runs without a claim is found`() throws {
        let kinds = try kinds { tale in
            tale.claim(0, epoch: 1)
            tale.deliver(1)
            tale.deliver(1, to: "b")
        }
        #expect(kinds == [.checkpointNotFenced])
    }

    @Test func `a claim at another place than the checkpoint is found`() throws {
        let back = try kinds { tale in
            tale.claim(0, epoch: 1)
            tale.deliver(1, 2, 3)
            tale.move(3, epoch: 1)
            tale.claim(1, epoch: 2, by: "b")
        }
        #expect(back == [.checkpointLost])
        #expect(try kinds { $0.claim(4, epoch: 1) } == [.skippedDelivery])
    }

    @Test func `a subscription that has not come to the end is found`() throws {
        #expect(try kinds(drained) { $0.deliver(1, 2, 3, 4, 5) } == [.notDrained])
        #expect(try kinds(drained) { _ in } == [.notDrained])
        #expect(try kinds { $0.deliver(1, 2, 3, 4, 5) } == [])
    }
}
