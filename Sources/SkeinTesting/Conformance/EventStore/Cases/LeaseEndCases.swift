import Skein
import Testing

extension EventStoreConformance {
    /// Leases that run out, or would have if they had not been renewed.
    static let leaseEnds: [Case] = [
        Case("leases", "an abandoned lease runs out, not before its time, and the next owner hears of it") { stage in
            let start = stage.time.uptime()
            let first = try await stage.store.acquired(by: "a", for: .milliseconds(60))
            let moved = try await stage.store.move(first, to: 3)
            let (second, wasReleased) = try await stage.acquiredInTime(by: "b")
            let waited = stage.time.uptime() - start
            try check(wasReleased, is: false, "whether it was released")
            try check(waited >= .milliseconds(60), "\(waited) is no less than the lease")
            try check(second, is: Checkpoint(subscription: "view", position: 3, epoch: moved.epoch + 1))
        },
        // case 99
        Case("leases", "who was taken over can neither move, renew nor release, and disturbs nobody") { stage in
            let first = try await stage.store.acquired(by: "a", for: .milliseconds(5))
            let (second, _) = try await stage.acquiredInTime(by: "b")
            try await refuses(.checkpointFenced) { try await stage.store.move(first, to: 1) }
            try await refuses(.checkpointFenced) {
                try await stage.store.renewLease(of: first, lasting: .seconds(60))
            }
            try await refuses(.checkpointFenced) { try await stage.store.releaseLease(of: first) }
            try await stage.store.holds("b")
            try check(try await stage.store.checkpoint(of: "view"), is: second)
        },
        Case("leases", "a lease that is renewed outlasts its first time") { stage in
            let first = try await stage.store.acquired(by: "a", for: .milliseconds(40))
            try await stage.store.renewLease(of: first, lasting: .seconds(60))
            try await stage.outlast(.milliseconds(40))
            try await stage.store.holds("a")
            try check(try await stage.store.move(first, to: 1).epoch, is: first.epoch)
        },
        Case("leases", "a renewal counts from now, and may also shorten a lease") { stage in
            let first = try await stage.store.acquired(by: "a", for: .seconds(3_600))
            try await stage.store.renewLease(of: first, lasting: .milliseconds(20))
            let (second, wasReleased) = try await stage.acquiredInTime(by: "b")
            try check(second.epoch, is: first.epoch + 1)
            try check(wasReleased, is: false, "whether it was released")
        },
        Case("leases", "a renewal asks for the epoch and not for the position") { stage in
            let first = try await stage.store.acquired(by: "a", for: .milliseconds(40))
            let moved = try await stage.store.move(first, to: 9)
            try await stage.store.renewLease(of: first, lasting: .seconds(60))
            try await stage.outlast(.milliseconds(40))
            try await stage.store.holds("a")
            try check(try await stage.store.checkpoint(of: "view"), is: moved)
        },
        Case("leases", "a lease that has run out goes on with a renewal, if nobody has taken it") { stage in
            let first = try await stage.store.acquired(by: "a", for: .milliseconds(1))
            try await stage.outlast(.milliseconds(1))
            try check(try await stage.store.move(first, to: 2).position, is: 2)
            try await stage.store.renewLease(of: first, lasting: .seconds(60))
            try await stage.store.holds("a")
        },
        Case("leases", "who lets a lease run out and then releases it has ended in good order") { stage in
            let first = try await stage.store.acquired(by: "a", for: .milliseconds(1))
            try await stage.outlast(.milliseconds(1))
            try await stage.store.releaseLease(of: first)
            try check(try await stage.acquiredInTime(by: "b").wasReleased, is: true, "whether it was released")
        },
        Case("leases", "of many who want a lease that runs out one gets it") { stage in
            let first = try await stage.store.acquired(by: "a", for: .milliseconds(20))
            try await stage.outlast(.milliseconds(20))
            let answers = try await atOnce(12) { number in
                try await stage.store.acquireLease(on: "view", for: "\(number)", lasting: .seconds(60))
            }
            let winners = answers.filter { if case .acquired = $0 { true } else { false } }
            let next = Checkpoint(subscription: "view", position: 0, epoch: first.epoch + 1)
            try check(winners, is: [.acquired(next, wasReleased: false)])
        },
        again("a lease of before is abandoned or runs out") { stage in
            let held = try await stage.store.acquired(by: "a", for: .milliseconds(50))
            let released = try await stage.store.acquired("released", by: "a")
            try await stage.store.releaseLease(of: released)
            let store = try await stage.reopen()
            let (second, wasReleased) = try await stage.acquiredInTime(by: "b", from: store)
            try check(wasReleased, is: false, "whether it was released")
            try check(second.epoch, is: held.epoch + 1)
            try await refuses(.checkpointFenced) { try await store.renewLease(of: held, lasting: .seconds(60)) }
            let other = try await stage.acquiredInTime(by: "b", "released", from: store)
            try check(other.wasReleased, is: true, "whether the released one was released")
        },
        again("an owner of before goes on with a renewal") { stage in
            let held = try await stage.store.acquired(by: "a", for: .milliseconds(50))
            let store = try await stage.reopen()
            try await store.renewLease(of: held, lasting: .seconds(60))
            try await store.holds("a")
            try check(try await store.move(held, to: 1).position, is: 1)
        },
        Case("several handles", "a lease of one handle keeps out owners on the other", needs: [.severalHandles]) {
            stage in
            let other = try await stage.open()
            let held = try await stage.store.acquired(by: "a")
            try await other.holds("a")
            try await other.renewLease(of: held, lasting: .milliseconds(5))
            let (next, wasReleased) = try await stage.acquiredInTime(by: "b", from: other)
            try check(next.epoch, is: held.epoch + 1)
            try check(wasReleased, is: false, "whether it was released")
            try await refuses(.checkpointFenced) { try await stage.store.move(held, to: 1) }
            try await stage.store.holds("b")
        },
        Case("several handles", "of owners who race for a free lease one gets it", needs: [.severalHandles]) {
            stage in
            let other = try await stage.open()
            for round in 0..<5 {
                let answers = try await atOnce(8) { number in
                    let store = number % 2 == 0 ? stage.store : other
                    return try await store.acquireLease(on: "view \(round)", for: "\(number)", lasting: .seconds(60))
                }
                let winners = answers.count { if case .acquired = $0 { true } else { false } }
                try check(winners, is: 1, "owners who got it")
            }
        },
    ]
}
