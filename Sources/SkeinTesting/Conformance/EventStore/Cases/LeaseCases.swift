import Skein
import Testing

extension EventStoreConformance {
    static let leases: [Case] = [
        Case("leases", "the first owner gets a checkpoint that begins at position 0") { stage in
            let answer = try await stage.store.acquireLease(on: "view", for: "a", lasting: .seconds(60))
            let claimed = try require(try await stage.store.checkpoint(of: "view"), "the checkpoint")
            try check(answer, is: .acquired(claimed, wasReleased: true))
            try check(claimed.position, is: 0)
            try check(claimed.subscription, is: "view")
        },
        Case("leases", "an owner can move the checkpoint, and the position stays with the next one") { stage in
            let first = try await stage.store.acquired(by: "a")
            let moved = try await stage.store.move(first, to: 7)
            try await stage.store.releaseLease(of: moved)
            let second = try await stage.store.acquired(by: "b")
            try check(second, is: Checkpoint(subscription: "view", position: 7, epoch: moved.epoch + 1))
        },
        Case("leases", "what one holds another does not get, and hears who has it and for how long") { stage in
            let claimed = try await stage.store.acquired(by: "holder")
            for _ in 0..<3 {
                let answer = try await stage.store.acquireLease(on: "view", for: "other", lasting: .seconds(1))
                guard case .held(let owner, let remaining) = answer else {
                    throw ConformanceFailure("expected that the lease is held, found \(answer)", at: #_sourceLocation)
                }
                try check(owner, is: "holder")
                try check(remaining > .zero && remaining <= .seconds(60), "\(remaining) is above 0 and up to a minute")
            }
            try check(try await stage.store.checkpoint(of: "view"), is: claimed)
            try check(try await stage.store.move(claimed, to: 1).position, is: 1)
        },
        Case("leases", "the same owner gets it again, with a new epoch, as one who did not end in good order") {
            stage in
            let first = try await stage.store.acquired(by: "a")
            let answer = try await stage.store.acquireLease(on: "view", for: "a", lasting: .seconds(60))
            let second = Checkpoint(subscription: "view", position: 0, epoch: first.epoch + 1)
            try check(answer, is: .acquired(second, wasReleased: false))
            try await refuses(.checkpointFenced) { try await stage.store.move(first, to: 1) }
            try await stage.store.holds("a")
        },
        Case("leases", "a released lease is free at once, and the next owner hears that it was released") { stage in
            let first = try await stage.store.acquired(by: "a")
            try await stage.store.releaseLease(of: first)
            let answer = try await stage.store.acquireLease(on: "view", for: "b", lasting: .seconds(60))
            let second = Checkpoint(subscription: "view", position: 0, epoch: first.epoch + 1)
            try check(answer, is: .acquired(second, wasReleased: true))
        },
        Case("leases", "who has released a lease may release it again, until another has it") { stage in
            let first = try await stage.store.acquired(by: "a")
            try await stage.store.releaseLease(of: first)
            try await stage.store.releaseLease(of: first)
            _ = try await stage.store.acquired(by: "b")
            try await refuses(.checkpointFenced) { try await stage.store.releaseLease(of: first) }
            try await stage.store.holds("b")
        },
        Case("leases", "who has released a lease can renew it no more") { stage in
            let first = try await stage.store.acquired(by: "a")
            try await stage.store.releaseLease(of: first)
            _ = try await failure { try await stage.store.renewLease(of: first, lasting: .seconds(60)) }
            let answer = try await stage.store.acquireLease(on: "view", for: "b", lasting: .seconds(60))
            guard case .acquired(_, wasReleased: true) = answer else {
                throw ConformanceFailure("expected a lease that was released, found \(answer)", at: #_sourceLocation)
            }
        },
        Case("leases", "a claim asks nobody, ends the lease and fences off its owner") { stage in
            let held = try await stage.store.acquired(by: "a")
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            try check(claimed.epoch, is: held.epoch + 1)
            try await refuses(.checkpointFenced) { try await stage.store.move(held, to: 1) }
            try await refuses(.checkpointFenced) {
                try await stage.store.renewLease(of: held, lasting: .seconds(60))
            }
            try await refuses(.checkpointFenced) { try await stage.store.releaseLease(of: held) }
            let answer = try await stage.store.acquireLease(on: "view", for: "b", lasting: .seconds(60))
            let next = Checkpoint(subscription: "view", position: 0, epoch: claimed.epoch + 1)
            try check(answer, is: .acquired(next, wasReleased: true))
            try await refuses(.checkpointFenced) { try await stage.store.move(claimed, to: 1) }
        },
        Case("leases", "a claim makes no lease: renewing it keeps nobody out") { stage in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            try await stage.store.renewLease(of: claimed, lasting: .seconds(60))
            try check(try await stage.store.acquired(by: "b").epoch, is: claimed.epoch + 1)
        },
        Case("leases", "epochs go on over claims, leases and deletions") { stage in
            var last: Int64 = 0
            for round in 0..<3 {
                for owner in ["a", "a", nil, "b"] as [String?] {
                    let next =
                        if let owner {
                            try await stage.store.acquired(by: owner)
                        } else {
                            try await stage.store.claimCheckpoint(of: "view")
                        }
                    try check(next.epoch > last, "epoch \(next.epoch) is greater than \(last) in round \(round)")
                    last = next.epoch
                }
                try await stage.store.deleteCheckpoint(of: "view")
            }
        },
        // case 103
        Case("leases", "deleting a checkpoint forgets its lease, and fences off its owner") { stage in
            let held = try await stage.store.move(try await stage.store.acquired(by: "a"), to: 5)
            try await stage.store.deleteCheckpoint(of: "view")
            let fenced: @Sendable () async throws -> Void = {
                try await refuses(.checkpointFenced) {
                    try await stage.store.renewLease(of: held, lasting: .seconds(60))
                }
                try await refuses(.checkpointFenced) { try await stage.store.releaseLease(of: held) }
            }
            try await fenced()
            let answer = try await stage.store.acquireLease(on: "view", for: "b", lasting: .seconds(60))
            let next = Checkpoint(subscription: "view", position: 0, epoch: held.epoch + 1)
            try check(answer, is: .acquired(next, wasReleased: true))
            try await fenced()
            try await stage.store.holds("b")
        },
        Case("leases", "a checkpoint that was never claimed has no lease to renew or release") { stage in
            let made = Checkpoint(subscription: "view", position: 0, epoch: 1)
            try await refuses(.checkpointFenced) {
                try await stage.store.renewLease(of: made, lasting: .seconds(60))
            }
            try await refuses(.checkpointFenced) { try await stage.store.releaseLease(of: made) }
            try check(try await stage.store.checkpoint(of: "view"), is: nil)
        },
        Case("leases", "an epoch that was never given can neither renew nor release") { stage in
            let held = try await stage.store.acquired(by: "a")
            for epoch in [0, -1, held.epoch + 1, .max] {
                let guess = Checkpoint(subscription: "view", position: 0, epoch: epoch)
                try await refuses(.checkpointFenced, "epoch \(epoch)") {
                    try await stage.store.renewLease(of: guess, lasting: .seconds(60))
                }
                try await refuses(.checkpointFenced, "epoch \(epoch)") {
                    try await stage.store.releaseLease(of: guess)
                }
            }
            try await stage.store.holds("a")
        },
        Case("leases", "each subscription has its own, and names are compared byte by byte") { stage in
            let names = ["\u{E9}", "e\u{301}", "View", "view", "'; DROP TABLE leases;--"]
            for (number, name) in names.enumerated() {
                _ = try await stage.store.acquired(name, by: "owner \(number)")
            }
            for (number, name) in names.enumerated() { try await stage.store.holds("owner \(number)", name) }
            try await stage.store.deleteCheckpoint(of: "view")
            try await stage.store.holds("owner 2", "View")
        },
        Case("leases", "owners are compared byte by byte") { stage in
            let composed = "\u{E9}"
            _ = try await stage.store.acquired(by: composed)
            let answer = try await stage.store.acquireLease(on: "view", for: "e\u{301}", lasting: .seconds(60))
            guard case .held(let owner, _) = answer else {
                throw ConformanceFailure("expected that the lease is held, found \(answer)", at: #_sourceLocation)
            }
            try check(Array(owner.utf8), is: Array(composed.utf8))
        },
        Case("leases", "of many who want a free lease one gets it, and the others hear who") { stage in
            for round in 0..<5 {
                let name = "view \(round)"
                let answers = try await atOnce(12) { number in
                    try await stage.store.acquireLease(on: name, for: "\(number)", lasting: .seconds(60))
                }
                let winners = answers.indices.filter { if case .acquired = answers[$0] { true } else { false } }
                try check(winners.count, is: 1, "owners who got it")
                for case .held(let owner, _) in answers { try check(owner, is: "\(winners[0])") }
                let kept = try require(try await stage.store.checkpoint(of: name), "the checkpoint")
                try check(answers[winners[0]], is: .acquired(kept, wasReleased: true))
            }
        },
        Case("leases", "a name that is none, and a time that is none, are refused") { stage in
            let made = Checkpoint(subscription: "view", position: 0, epoch: 1)
            for duration in [.zero, .seconds(-1), .seconds(86_401)] as [Duration] {
                try await refusesInput("lease", "\(duration)") {
                    try await stage.store.acquireLease(on: "view", for: "a", lasting: duration)
                }
                try await refusesInput("lease", "\(duration)") {
                    try await stage.store.renewLease(of: made, lasting: duration)
                }
            }
            for name in ["", String(repeating: "x", count: 256), "a\0", "a\n"] {
                let nameless = Checkpoint(subscription: name, position: 0, epoch: 1)
                try await refusesInput("owner") {
                    try await stage.store.acquireLease(on: "view", for: name, lasting: .seconds(1))
                }
                try await refusesInput("subscription name") {
                    try await stage.store.acquireLease(on: name, for: "a", lasting: .seconds(1))
                }
                try await refusesInput("subscription name") {
                    try await stage.store.renewLease(of: nameless, lasting: .seconds(1))
                }
                try await refusesInput("subscription name") { try await stage.store.releaseLease(of: nameless) }
            }
            try check(try await stage.store.checkpoint(of: "view"), is: nil)
            _ = try await stage.store.acquired(by: String(repeating: "x", count: 255), for: .seconds(86_400))
        },
        Case("leases", "after closing there are none") { stage in
            let held = try await stage.store.acquired(by: "a")
            await stage.store.close()
            try await refuses(.closed) {
                try await stage.store.acquireLease(on: "view", for: "a", lasting: .seconds(1))
            }
            try await refuses(.closed) { try await stage.store.renewLease(of: held, lasting: .seconds(1)) }
            try await refuses(.closed) { try await stage.store.releaseLease(of: held) }
        },
    ]
}
