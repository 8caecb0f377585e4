import Metrics
import Synchronization
import Tracing

/// Serves one aggregate: its state, and the mailbox of commands that wait for it.
///
/// Swift actors are re-entrant, so the actor alone does not keep commands apart. The mailbox does: one sender at a time
/// has the lead, decides for all who wait, and hands the lead on. Everything below runs in the leading sender's task.
actor AggregateActor {
    /// How the state in memory stands to what is stored. Only the leader moves it.
    enum Phase {
        /// Nothing is in memory. Next: `ready`, or `quarantined` if the events cannot be replayed.
        case cold

        /// The state was true, but others have stored more. Next: as from `cold`.
        case stale

        /// The state is that of ``version``. Next: `stale` or `cold` after a conflict, `inDoubt`.
        case ready

        /// A commit was sent and its answer never came. Next: `cold`, once repeating the append has told.
        indirect case inDoubt(StreamAppend)

        /// The events cannot be replayed. Next: as from `cold`, when its time has come.
        indirect case quarantined(Quarantine)
    }

    struct Quarantine {
        let error: EventCodingError
        let failures: Int
        let until: Duration
    }

    nonisolated let stream: StreamID
    nonisolated let kind: AggregateKind
    nonisolated let mailbox = Mutex(Mailbox())
    var phase = Phase.cold
    let state: any AggregateState
    var version: Int64 = 0
    /// The position of the last event in the state.
    var position: Int64 = 0

    init(_ stream: StreamID, _ kind: AggregateKind) {
        self.stream = stream
        self.kind = kind
        state = kind.makeState()
    }

    var isReady: Bool {
        if case .ready = phase { true } else { false }
    }

    var isInDoubt: Bool {
        if case .inDoubt = phase { true } else { false }
    }

    /// Serves a claimed command and all that wait, then hands the lead on. Returns whether the aggregate is in doubt.
    func lead(_ own: PendingCommand, _ runtime: BusRuntime) async -> Bool {
        let limit = runtime.configuration.batchLimit - 1
        var waiting: [PendingCommand] = []
        mailbox.withLock { $0.take(into: &waiting, limit: limit) }
        var plan: CommandPlan?
        if let store = runtime.immediateStore, waiting.isEmpty, isReady, kind.snapshotRule == nil {
            // Nothing waits in here, so that no command can wait for this one inside it: a scope is not needed.
            if Task.isCancelled { own.drop(because: .other(.cancelled)) }
            let decided = decide(own, runtime)
            if commitAtOnce(decided, in: store, runtime) {
                endLead()
                return false
            }
            plan = decided
        }
        let (batch, decided) = ([own] + waiting, plan)
        let scope = CommandScope(self)
        await CommandScope.$current.withValue(scope) {
            await serve(batch, own: own, decided, runtime)
        }
        scope.end()
        endLead()
        return isInDoubt
    }

    private func endLead() {
        state.forgetDecided()
        handOn()
    }

    /// Tries once to find out what became of an unknown append; false if it is still unknown or somebody leads.
    func resolve(_ runtime: BusRuntime) async -> Bool {
        guard mailbox.withLock({ $0.takeLead() }) else { return false }
        defer { handOn() }
        if case .inDoubt(let append) = phase {
            _ = await repeatUntilKnown(append, runtime, within: .zero)
        }
        return !isInDoubt
    }

    private func handOn() {
        while let next = mailbox.withLock({ $0.next() }) {
            if next.promote() { return }
        }
    }

    /// Answers every command of a batch, of which the first ones may have been decided.
    @inline(__always)
    private func serve(
        _ batch: [PendingCommand],
        own: PendingCommand,
        _ decided: CommandPlan?,
        _ runtime: BusRuntime
    ) async {
        noteClaim(of: batch, runtime)
        var remaining = batch[...]
        var decided = decided
        var known: [CommandID: KnownCommand] = [:]
        var failures = 0
        /// How many of the commands are decided one by one, for a transactional handler refuses one of them.
        var apart = 0
        while !remaining.isEmpty {
            do throws(ServingError) {
                let isFresh = isReady ? false : try await makeReady(runtime, in: own.span)
                if Task.isCancelled { own.drop(because: .other(.cancelled)) }
                let plan = decided.take() ?? decide(apart > 0 ? remaining.prefix(1) : remaining, known: known, runtime)
                switch try await commit(plan, isFresh: isFresh, runtime) {
                case .done:
                    remaining = remaining.dropFirst(plan.drafts.count)
                    apart = max(0, apart - plan.drafts.count)
                    failures = 0
                case .known(let commands):
                    let before = known.count
                    for command in commands { known[command.id] = command }
                    // A store that names nothing new would keep this going for ever.
                    guard known.count > before else { throw ServingError.store(.brokenContract) }
                }
            } catch  where error.isHandlerFailure && apart == 0 && remaining.count > 1 {
                apart = remaining.count
            } catch  where error.isHandlerFailure {
                fail(remaining.prefix(1), with: error, known: known, runtime)
                remaining = remaining.dropFirst()
                apart = max(0, apart - 1)
            } catch {
                failures += 1
                guard error.mayRetry, failures <= runtime.configuration.retryLimit else {
                    fail(remaining, with: error, known: known, runtime)
                    return
                }
                // The first conflict is tried again at once: the other writer is done by now.
                if failures > 1 || !error.isConflict { await backOff(failures, runtime) }
            }
        }
    }

    private func fail(
        _ pendings: ArraySlice<PendingCommand>,
        with error: ServingError,
        known: [CommandID: KnownCommand],
        _ runtime: BusRuntime
    ) {
        // Also a repetition of a command whose append is in doubt must not be told that nothing was stored.
        var unknown: Set<CommandID> = []
        if case .inDoubt(let append) = phase { unknown = Set(append.commands.map(\.id)) }
        for pending in pendings {
            if !pending.isRead, let known = known[pending.id] {
                pending.answer(answer(to: pending, from: known, isStateThere: false, runtime))
                continue
            }
            let isUnknown = unknown.contains(pending.id)
            pending.answer(.failure(.other(isUnknown ? .outcomeUnknown(pending.id) : error.commandError)))
        }
    }

    private func noteClaim(of batch: [PendingCommand], _ runtime: BusRuntime) {
        for pending in batch {
            pending.endWait()
            if let admittedAt = pending.admittedAt {
                runtime.instruments.metrics.mailboxWait.record(duration: runtime.time.uptime() - admittedAt)
            }
        }
    }

    func backOff(_ failures: Int, _ runtime: BusRuntime) async {
        let wait = runtime.configuration.retryBackoff.wait(
            afterFailures: failures,
            random: runtime.configuration.environment.random()
        )
        // A cancelled leader does not sleep, and its own command is dropped; the others are served on.
        try? await runtime.time.sleep(for: wait)
    }
}
