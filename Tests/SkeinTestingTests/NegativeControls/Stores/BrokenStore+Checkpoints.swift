import Skein
import Synchronization

extension BrokenStore {
    func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer {
        try await enter()
        switch defect {
        case .leasesNeverRunOut where duration > .zero && duration < .seconds(86_400):
            return try await base.acquireLease(on: subscription, for: owner, lasting: .seconds(86_400))
        case .claimsWithoutANewEpoch:
            guard let found = try await base.checkpoint(of: subscription) else {
                return try await base.acquireLease(on: subscription, for: owner, lasting: duration)
            }
            return .acquired(found, wasReleased: true)
        case .leasesKeepTheEpoch:
            let found = try await base.checkpoint(of: subscription)
            let answer = try await base.acquireLease(on: subscription, for: owner, lasting: duration)
            guard let found, case .acquired(_, let wasReleased) = answer else { return answer }
            return .acquired(found, wasReleased: wasReleased)
        case .leasesIgnoreTheHolder, .leasesForgetWhoDied:
            switch try await base.acquireLease(on: subscription, for: owner, lasting: duration) {
            case .held where defect == .leasesIgnoreTheHolder:
                return .acquired(try await base.claimCheckpoint(of: subscription), wasReleased: false)
            case .acquired(let checkpoint, _) where defect == .leasesForgetWhoDied:
                return .acquired(checkpoint, wasReleased: true)
            case let answer: return answer
            }
        default: return try await base.acquireLease(on: subscription, for: owner, lasting: duration)
        }
    }

    func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError) {
        try await enter()
        guard
            defect == .renewsForAFencedOwner,
            let current = try? await base.checkpoint(of: checkpoint.subscription)
        else { return try await base.renewLease(of: checkpoint, lasting: duration) }
        try await base.renewLease(of: current, lasting: duration)
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try await enter()
        switch defect {
        case .movesCheckpointsWithoutFence:
            guard let current = try await base.checkpoint(of: checkpoint.subscription) else { break }
            _ = try await base.move(current, to: position, changing: notes)
            return Checkpoint(subscription: checkpoint.subscription, position: position, epoch: checkpoint.epoch)
        case .changesNotesThoughFenced:
            try await base.change(notes, of: checkpoint.subscription)
            return try await base.move(checkpoint, to: position)
        default: break
        }
        return try await base.move(checkpoint, to: position, changing: notes)
    }

    func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError) {
        try await enter()
        guard defect == .changesNotesOneByOne else { return try await base.change(notes, of: subscription) }
        for note in notes { try await base.change([note], of: subscription) }
    }

    func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote] {
        try await enter()
        let isBehind = defect == .readsNotesBehindTheKey && key > .min
        return try await base.notes(of: subscription, topic: topic, from: isBehind ? key + 1 : key, limit: limit)
    }

    func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try await enter()
        guard defect == .keepsNotesOfDeletedCheckpoints else {
            return try await base.deleteCheckpoint(of: subscription)
        }
        let notes = try await base.notes(of: subscription, topic: "parked", from: .min, limit: limits.pageSize)
        try await base.deleteCheckpoint(of: subscription)
        try await base.change(notes.map { (note: SubscriptionNote) -> NoteChange in .keep(note) }, of: subscription)
    }
}
