/// Keeps events, and all else that Skein must not lose. This page is the contract of every store.
///
/// **Order.** A stream's events have the versions 1, 2, 3 … without gaps. Positions over the whole log strictly increase
/// in commit order; once a reader has seen a position, no event with a smaller one appears. Only deleting for good leaves
/// gaps in either.
///
/// **Atomicity.** An append is stored wholly or not at all, and its failure never fails another append.
///
/// **Durability.** When a method that writes returns, what it wrote survives a crash of the process, and of the machine
/// if the store is made for that.
///
/// **Cancellation.** The calling task's cancellation has no effect on what a method does: a store works on its own
/// thread, or in a task of its own. Nothing here blocks Swift's cooperative threads.
///
/// **Errors.** Every error is an ``EventStoreError``. After any code but `outcomeUnknown`, nothing was written. After
/// `outcomeUnknown`, the caller repeats the same append with the same ids, and the answer tells what became of it.
///
/// **Input.** Every method refuses what breaks a rule as `invalidInput` before it looks at anything else. Names and ids
/// are compared byte by byte, also in filters: text that is only canonically equivalent is different.
///
/// `EventStoreConformance` in `SkeinTesting` holds a store against this page.
public protocol EventStore: Sendable {
    /// How much the store takes at a time.
    var limits: EventStoreLimits { get }

    /// Stores the outcomes of an append's commands, in this order of checks:
    ///
    /// 1. Input that breaks a rule: `invalidInput`.
    /// 2. Commands that are known: nothing is stored, and *all* known ones are returned, whatever stream they went to.
    /// 3. A deleted stream: `streamDeleted`.
    /// 4. The stream is not at the expected version: `conflict`.
    /// 5. An event id that is stored already or stands in the append twice: `duplicateEvent`.
    ///
    /// An outcome without events is kept only if its fingerprint is not 0. An append without commands stores nothing
    /// and returns the stream's version and the log's end.
    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult

    /// Reads a stream's events, at most `limit` of them, from a version on, which is included.
    ///
    /// Forward, versions 0 and 1 are the beginning; backward, a version beyond the end is the end. An unknown stream is
    /// `streamNotFound`, a softly deleted one `streamDeleted`, a negative version or a limit out of range `invalidInput`.
    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent]

    /// Reads the log, at most `limit` events that pass the filter: forward, those after the position; backward, those
    /// before it.
    ///
    /// Filtered reads may stop early to bound their time; ``LogPage/scannedThrough`` tells how far they came.
    func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage

    /// The version of a stream's last event; 0 if it has none. A softly deleted stream is `streamDeleted`.
    func version(of stream: StreamID) async throws(EventStoreError) -> Int64

    /// The position of the log's last event; 0 if it is empty.
    func head() async throws(EventStoreError) -> Int64

    /// What a command came to; nil if the store does not know its id.
    ///
    /// Nil is no proof that a commit still in flight will fail: repeat the append to find out.
    func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand?

    /// Deletes a stream and its snapshot. Deleting a deleted stream softly again changes nothing.
    ///
    /// An unknown stream is `streamNotFound`; `hard` where the store does not allow it is `permission`. Known commands
    /// of a softly deleted stream stay known, those of one deleted for good are forgotten.
    func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion
    ) async throws(EventStoreError)

    /// The latest snapshot of a stream, damaged or not; nil if there is none.
    func snapshot(of stream: StreamID) async throws(EventStoreError) -> Snapshot?

    /// Keeps a snapshot in place of an older one. One of a lower version of the same shape is ignored.
    func save(_ snapshot: Snapshot) async throws(EventStoreError)

    /// Deletes a stream's snapshot; without one it does nothing.
    func deleteSnapshot(of stream: StreamID) async throws(EventStoreError)

    /// A subscription's checkpoint; nil if it was never claimed.
    func checkpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint?

    /// Takes a checkpoint over: its epoch grows by one, which fences off the owner before. A new one starts at 0.
    func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint

    /// Takes a checkpoint over for a time, if nobody else holds it: as ``claimCheckpoint(of:)`` does, which itself asks nobody
    /// and ends every lease.
    ///
    /// A lease that has run out, or that the same owner holds, is taken over. The store's own clock decides, so that the
    /// clocks of processes need not agree; where it cannot outlive the process, neither do leases.
    func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer

    /// Lets a lease last for a time from now. The epoch must be the latest, otherwise `checkpointFenced`; the position is
    /// not looked at. A lease that has run out and that nobody has taken over goes on.
    func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError)

    /// Ends a lease in good order: everything that was begun under it is done. The epoch must be the latest, otherwise
    /// `checkpointFenced`.
    func releaseLease(of checkpoint: Checkpoint) async throws(EventStoreError)

    /// Moves a checkpoint, forward or back, changes notes in the same transaction, and returns the checkpoint. It must still
    /// be as given, otherwise `checkpointFenced`, and no note is changed.
    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint

    /// Changes a subscription's notes, all or none, whoever holds its checkpoint.
    func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError)

    /// A subscription's notes under a topic, in the order of their keys, at most `limit` of them, from a key on, which is
    /// included. A limit out of range is `invalidInput`.
    func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote]

    /// Forgets a subscription's checkpoint, its lease and its notes; without them it does nothing.
    ///
    /// Epochs go on where they were if it is claimed again, so that who owned it before stays fenced off.
    func deleteCheckpoint(of subscription: String) async throws(EventStoreError)

    /// A signal after commits that stored events. Signals may be merged or come late; they carry no data.
    ///
    /// The first signal comes at once, so that nothing is missed between a read and the first wait. The sequence ends
    /// when the store is closed.
    func commits() -> AsyncStream<Void>

    /// Brings the schema up to date; safe to call from several processes at once, and again.
    func migrate() async throws(EventStoreError)

    /// Finishes what was accepted and lets go of all resources; every later call is `closed`. May be called again.
    func close() async
}

extension EventStore {
    /// Moves a checkpoint and leaves all notes as they are.
    public func move(_ checkpoint: Checkpoint, to position: Int64) async throws(EventStoreError) -> Checkpoint {
        try await move(checkpoint, to: position, changing: [])
    }
}
