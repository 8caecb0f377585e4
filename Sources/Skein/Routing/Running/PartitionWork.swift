import Metrics

/// What is done with a partition while it is owned: reads the log after its checkpoint, delivers in order, saves.
///
/// It lives in one task, from taking the partition to giving it back or losing it.
final class PartitionWork {
    let state: SubscriptionState
    let progress: SubscriptionProgress
    let target: any DeliveryTarget
    let calls: StoreCalls
    let watch: OwnershipWatch
    let metrics: SubscriptionMetrics
    let reader: LogReader

    /// Everything up to here is handled, parked or filtered out.
    var position: Int64 = 0
    /// The checkpoint as it is in the store; nil for a subscription whose position is not kept.
    var saved: Checkpoint?
    var savedAt: Duration = .zero
    /// When the partition will be woken up to save.
    private var remindedAt: Duration?
    /// What changes with the checkpoint as soon as it comes to a position.
    var pending: [(position: Int64, change: NoteChange)] = []

    var parked = ParkedStreams()
    var window = SubscriptionWindow()
    /// Up to here an event may have ended the process before this one.
    var carefulThrough: Int64 = 0
    /// How often an event was begun to be handled, by position, as far as it is known from before.
    var begun: [Int64: Int] = [:]

    var isPaused = false
    var wishesSeen = 0

    init(
        _ state: SubscriptionState,
        _ progress: SubscriptionProgress,
        _ target: any DeliveryTarget,
        _ calls: StoreCalls,
        _ watch: OwnershipWatch
    ) {
        self.state = state
        self.progress = progress
        self.target = target
        self.calls = calls
        self.watch = watch
        metrics = calls.runtime.instruments.metrics.subscription(of: progress.partition)
        reader = LogReader(target.filter, batches: state.subscription.batches, calls)
    }

    var partition: SubscriptionPartition { progress.partition }
    var subscription: Subscription { state.subscription }
    var now: Duration { calls.time.uptime() }
    var isWanted: Bool { !calls.mustEnd && !state.isRemoved }

    /// Goes where the checkpoint is, or where the subscription begins, and learns what was left behind.
    func begin(_ ownership: LeaseKeeper.Ownership?, start: Int64) async throws(RunEnd) {
        savedAt = now - calls.runtime.configuration.checkpointInterval
        wishesSeen = state.wishCount
        position = start
        if let ownership {
            saved = ownership.checkpoint
            try await checkSet()
            // A partition goes on from its set's start at least: it is new, or was away while others did its work.
            position = max(ownership.checkpoint.position, start)
            try await recall(ownership)
        }
        let head = try await calls.retrying { store throws(EventStoreError) in try await store.head() }
        guard position <= head else {
            throw .stopped(.checkpointBeyondHead(checkpoint: position, head: head))
        }
        try await save()
        try await prepareTarget()
        progress.start(at: position, isPaused: isPaused)
        progress.look(at: head, parked: parked.eventCount)
    }

    /// Reads and delivers until it is asked to stop.
    func follow() async throws(RunEnd) {
        do throws(RunEnd) {
            var ahead: LogPage?
            while isWanted {
                try await lookForRequests()
                guard !isPaused else {
                    ahead = nil
                    try await save()
                    await progress.wakeUp.wait()
                    continue
                }
                ahead = try await step(ahead)
            }
        } catch {
            // What is done is done, whatever went wrong afterwards; unless others have it.
            if !watch.isLost { try? await save() }
            throw error
        }
        guard !watch.isLost, !state.isRemoved else { return }
        try await save()
        await target.end()
    }

    /// Delivers a page while the next one is read, and gives that; at the end of the log, waits for more.
    private func step(_ ahead: LogPage?) async throws(RunEnd) -> LogPage? {
        let page: LogPage
        if let ahead { page = ahead } else { page = try await reader.page(after: position) }
        metrics.lag.record(page.head - position)
        progress.look(at: page.head, parked: parked.eventCount)
        guard page.scannedThrough >= page.head else {
            let reader = reader
            async let next = reader.result(after: page.scannedThrough)
            try await deliver(page)
            try await saveIfDue()
            guard position >= page.scannedThrough else { return nil }
            return try await next.get()
        }
        let filled = try await filled(page)
        try await deliver(filled)
        guard position >= filled.head else {
            try await saveIfDue()
            return nil
        }
        metrics.lag.record(0)
        try await rest()
        return nil
    }

    /// Waits at the end of the log. What was done is saved before; or soon, if something was saved a moment ago: events that
    /// come one by one, thousands in a second, must not cost a commit each. What others look for in notes is saved at once.
    private func rest() async throws(RunEnd) {
        let due = savedAt + calls.runtime.configuration.checkpointInterval / 5
        if let reminder = calls.reminder, let saved, saved.position != position, pending.isEmpty, now < due {
            if due != remindedAt { reminder.remind(progress.wakeUp, at: due) }
            remindedAt = due
        } else {
            try await save()
        }
        await progress.wakeUp.wait()
    }

    /// At the end of the log, waits for a batch to become full, for as long as the subscription allows.
    private func filled(_ page: LogPage) async throws(RunEnd) -> LogPage {
        guard let batches = subscription.batches, batches.wait > .zero, !page.events.isEmpty else { return page }
        var page = page
        let end = now + batches.wait
        while isWanted, page.scannedThrough >= page.head, count(in: page) < batches.count {
            let left = end - now
            guard left > .zero else { break }
            await firstToFinish(
                { [time = calls.time] in try? await time.sleep(for: left) },
                { [wakeUp = progress.wakeUp] in await wakeUp.wait() }
            )
            let more = try await reader.page(after: page.scannedThrough)
            page = LogPage(
                events: page.events + more.events,
                scannedThrough: more.scannedThrough,
                head: more.head
            )
        }
        return page
    }

    private func count(in page: LogPage) -> Int {
        page.events.count { partition.contains($0.stream) && target.takes($0) }
    }

    private func prepareTarget() async throws(RunEnd) {
        var failures = 0
        while true {
            do throws(DeliveryFailure) {
                return try await target.begin(partition, after: position)
            } catch {
                switch error {
                case .store(let error): try await calls.recover(from: error, &failures)
                case .undecodable(let error, _): throw .stopped(.undecodable(error))
                case .handler(let error, _):
                    throw .stopped(.handlerFailed(position: position, attempts: 1, error))
                }
            }
        }
    }

    /// Stops if somebody has changed the number of partitions.
    private func checkSet() async throws(RunEnd) {
        let name = subscription.name
        let kept = try await calls.retrying { store throws(EventStoreError) in
            try await PartitionSet.kept(of: name, in: store)
        }
        guard (kept?.count ?? 1) == partition.count else {
            throw .stopped(.partitionsChanged(to: kept?.count ?? 1))
        }
    }
}
