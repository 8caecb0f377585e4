import Skein
import Testing

extension EventStoreConformance {
    static let checkpoints: [Case] = [
        Case("checkpoints", "a checkpoint that nobody claimed is not there") { stage in
            _ = try await stage.store.claimCheckpoint(of: "other")
            try check(try await stage.store.checkpoint(of: "view"), is: nil)
        },
        Case("checkpoints", "the first claim begins at position 0") { stage in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            try check(claimed.position, is: 0)
            try check(claimed.subscription, is: "view")
            try check(try await stage.store.checkpoint(of: "view"), is: claimed)
        },
        Case("checkpoints", "each further claim raises the epoch by one and keeps the position") { stage in
            var checkpoint = try await stage.store.claimCheckpoint(of: "view")
            checkpoint = try await stage.store.move(checkpoint, to: 7)
            for _ in 0..<5 {
                let next = try await stage.store.claimCheckpoint(of: "view")
                try check(next, is: Checkpoint(subscription: "view", position: 7, epoch: checkpoint.epoch + 1))
                checkpoint = next
            }
        },
        Case("checkpoints", "a move changes the position only, and is what is read afterwards") { stage in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let moved = try await stage.store.move(claimed, to: 12)
            try check(moved, is: Checkpoint(subscription: "view", position: 12, epoch: claimed.epoch))
            try check(try await stage.store.checkpoint(of: "view"), is: moved)
        },
        Case("checkpoints", "a checkpoint can be moved on and on by its owner") { stage in
            var checkpoint = try await stage.store.claimCheckpoint(of: "view")
            for position in 1...20 as ClosedRange<Int64> {
                checkpoint = try await stage.store.move(checkpoint, to: position)
            }
            try check(try await stage.store.checkpoint(of: "view")?.position, is: 20)
        },
        Case("checkpoints", "an owner before the latest claim can move it no more") { stage in
            let old = try await stage.store.claimCheckpoint(of: "view")
            let new = try await stage.store.claimCheckpoint(of: "view")
            try await refuses(.checkpointFenced) { try await stage.store.move(old, to: 3) }
            try check(try await stage.store.checkpoint(of: "view"), is: new)
        },
        Case("checkpoints", "an owner before can move it no more, also when it knows the position") { stage in
            let old = try await stage.store.claimCheckpoint(of: "view")
            let moved = try await stage.store.move(try await stage.store.claimCheckpoint(of: "view"), to: 5)
            let guess = Checkpoint(subscription: "view", position: 5, epoch: old.epoch)
            try await refuses(.checkpointFenced) { try await stage.store.move(guess, to: 6) }
            try check(try await stage.store.checkpoint(of: "view"), is: moved)
        },
        Case("checkpoints", "an epoch that was never given cannot move it") { stage in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            for epoch in [0, -1, claimed.epoch + 1, .max] {
                let guess = Checkpoint(subscription: "view", position: 0, epoch: epoch)
                try await refuses(.checkpointFenced, "epoch \(epoch)") { try await stage.store.move(guess, to: 6) }
            }
            try check(try await stage.store.checkpoint(of: "view"), is: claimed)
        },
        Case("checkpoints", "a move from a position that it has left is refused") { stage in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let moved = try await stage.store.move(claimed, to: 5)
            try await refuses(.checkpointFenced) { try await stage.store.move(claimed, to: 6) }
            try check(try await stage.store.checkpoint(of: "view"), is: moved)
        },
        Case("checkpoints", "a checkpoint may be moved back, and to where it is") { stage in
            var checkpoint = try await stage.store.claimCheckpoint(of: "view")
            for position in [9, 9, 4, 0, 0, 2] as [Int64] {
                checkpoint = try await stage.store.move(checkpoint, to: position)
                try check(try await stage.store.checkpoint(of: "view")?.position, is: position)
            }
        },
        Case("checkpoints", "a checkpoint that was never claimed cannot be moved") { stage in
            let made = Checkpoint(subscription: "view", position: 0, epoch: 1)
            try await refuses(.checkpointFenced) { try await stage.store.move(made, to: 1) }
            try check(try await stage.store.checkpoint(of: "view"), is: nil)
        },
        // case 103
        Case("checkpoints", "a deleted checkpoint is forgotten and begins at 0 again") { stage in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            _ = try await stage.store.move(claimed, to: 9)
            try await stage.store.deleteCheckpoint(of: "view")
            try check(try await stage.store.checkpoint(of: "view"), is: nil)
            try check(try await stage.store.claimCheckpoint(of: "view").position, is: 0)
        },
        // case 103
        Case("checkpoints", "who owned a deleted checkpoint cannot move it") { stage in
            let claimed = try await stage.store.claimCheckpoint(of: "view")
            let moved = try await stage.store.move(claimed, to: 9)
            try await stage.store.deleteCheckpoint(of: "view")
            try await refuses(.checkpointFenced) { try await stage.store.move(moved, to: 10) }
            try check(try await stage.store.checkpoint(of: "view"), is: nil)
        },
        // case 103
        Case("checkpoints", "who owned a deleted checkpoint cannot move the one that was claimed in its place") {
            stage in
            let old = try await stage.store.claimCheckpoint(of: "view")
            try await stage.store.deleteCheckpoint(of: "view")
            try await refuses(.checkpointFenced) { try await stage.store.move(old, to: 5) }
            let new = try await stage.store.claimCheckpoint(of: "view")
            try await refuses(.checkpointFenced) { try await stage.store.move(old, to: 5) }
            try check(new.epoch > old.epoch, "epoch \(new.epoch) is greater than \(old.epoch)")
            try check(try await stage.store.move(new, to: 2).position, is: 2)
        },
        // case 103
        Case("checkpoints", "deleting a checkpoint that is not there does nothing") { stage in
            try await stage.store.deleteCheckpoint(of: "view")
            try check(try await stage.store.checkpoint(of: "view"), is: nil)
        },
        Case("checkpoints", "each subscription has its own, and what happens to one leaves the others") { stage in
            let first = try await stage.store.move(try await stage.store.claimCheckpoint(of: "first"), to: 3)
            let second = try await stage.store.move(try await stage.store.claimCheckpoint(of: "second"), to: 4)
            _ = try await stage.store.claimCheckpoint(of: "first")
            try check(try await stage.store.checkpoint(of: "second"), is: second)
            try await refuses(.checkpointFenced) { try await stage.store.move(first, to: 5) }
            try await stage.store.deleteCheckpoint(of: "first")
            try check(try await stage.store.move(second, to: 5).position, is: 5)
        },
        Case("checkpoints", "names are kept byte by byte and are data") { stage in
            let names = ["\u{E9}", "e\u{301}", "View", "view", "view ", "'; DROP TABLE checkpoints;--", "a/b", "%"]
            let longest = String(repeating: "x", count: 255)
            for (number, name) in (names + [longest]).enumerated() {
                let claimed = try await stage.store.claimCheckpoint(of: name)
                try check(claimed.position, is: 0, "a name of its own: \(Array(name.utf8.prefix(20)))")
                _ = try await stage.store.move(claimed, to: Int64(number) + 1)
            }
            for (number, name) in (names + [longest]).enumerated() {
                let found = try await stage.store.checkpoint(of: name)
                try check(found?.position, is: Int64(number) + 1, "\(Array(name.utf8.prefix(20)))")
                try check(found.map { Array($0.subscription.utf8) }, is: Array(name.utf8))
            }
        },
        Case("checkpoints", "a checkpoint and the log do not touch each other") { stage in
            try await stage.store.keep(.notes("a"))
            let moved = try await stage.store.move(try await stage.store.claimCheckpoint(of: "view"), to: 1)
            try await stage.store.keep(.notes("b"))
            try check(try await stage.store.checkpoint(of: "view"), is: moved)
            try check(try await stage.store.head(), is: 2)
        },
    ]
}
