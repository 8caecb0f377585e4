extension CommandBus {
    /// Makes a projection's tables anew from the log while readers go on with those there are, and then puts them in place.
    ///
    /// The subscription goes on meanwhile, wherever it runs, and so do writers. Readers never see less than they saw before.
    /// If it is interrupted, the next rebuild goes on where this one was. The bus need not run. A read model that was never
    /// made is left to its subscription, which makes it.
    ///
    /// - Parameters:
    ///   - name: The projection's name.
    ///   - report: Is told how far it has come: first where it begins or goes on, then several times a second.
    public func rebuild(
        _ name: String,
        report: @escaping @Sendable (RebuildProgress) -> Void = { _ in }
    ) async throws(RebuildError) {
        let (projection, subscription) = try self.projection(name)
        try await Rebuild(projection, of: subscription, runtime, report: report).run()
    }

    /// Makes what a projection has written for one aggregate anew, in one transaction; see ``AggregateProjection``.
    ///
    /// - Parameters:
    ///   - name: The projection's name.
    ///   - id: The aggregate whose events are handled once more, up to where the projection is.
    public func rebuild<A: Aggregate>(_ name: String, only id: AggregateID<A>) async throws(RebuildError) {
        let (projection, _) = try self.projection(name)
        let stream = StreamID(aggregate: A.aggregateName, id: id.value)
        try await againstFence { () throws(EventStoreError) in
            guard
                let kept = try await Generations.kept(of: name, in: store), kept.live.version == projection.version,
                let checkpoint = try await store.checkpoint(of: name)
            else { return true }
            let events = try await events(of: stream, through: checkpoint.position)
            return try await projection.rewrite(stream, events, in: kept.live.number, at: checkpoint, runtime)
        } orThrow: {
            .notByAggregate(name)
        }
    }

    /// Lets a subscription begin again where it has begun, in place.
    ///
    /// A projection's tables are emptied, and readers see them fill. Of handlers, only those are given events again that are
    /// ``ReplayableEventHandler``; the others go on where they were. Parked events are given again with all the others.
    public func reset(_ name: String) async throws(RebuildError) {
        guard let state = router.state(of: name) else { throw .unknownProjection(name) }
        if let projection = state.subscription.projection {
            return try await againstFence { () throws(EventStoreError) in
                guard let kept = try await Generations.kept(of: name, in: store) else { return true }
                let checkpoint = try await store.claimCheckpoint(of: name)
                let parked = try await parkedNotes(of: name)
                try await projection.empty(kept.live.number, moving: checkpoint, changing: parked, in: store)
                return true
            } orThrow: {
                .notReplayable(name)
            }
        }
        guard state.subscription.routes.contains(where: \.isReplayable) else { throw .notReplayable(name) }
        let keys: [String]
        do throws(EventStoreError) {
            keys = try await partitions(of: name).map(\.key)
        } catch {
            throw .store(error)
        }
        for key in keys {
            try await againstFence { () throws(EventStoreError) in
                let checkpoint = try await store.claimCheckpoint(of: key)
                let before = try await ReplayMark.kept(of: key, in: store)
                let mark = ReplayMark(through: max(checkpoint.position, before))
                _ = try await store.move(checkpoint, to: 0, changing: try await parkedNotes(of: key) + [mark.change])
                return true
            } orThrow: {
                .notReplayable(name)
            }
        }
    }

    private func projection(_ name: String) throws(RebuildError) -> (any DeclaredProjection, Subscription) {
        guard let state = router.state(of: name), let projection = state.subscription.projection else {
            throw .unknownProjection(name)
        }
        do throws(InvalidInput) { try projection.validate(for: store) } catch { throw .invalidInput(error) }
        return (projection, state.subscription)
    }

    private func parkedNotes(of key: String) async throws(EventStoreError) -> [NoteChange] {
        try await ParkedNote.all(of: key, in: store).map { ParkedNote.drop(at: $0.position) }
    }

    private func events(of stream: StreamID, through position: Int64) async throws(EventStoreError) -> [StoredEvent] {
        var events: [StoredEvent] = []
        let limit = min(1_000, store.limits.pageSize)
        while true {
            let page: [StoredEvent]
            do throws(EventStoreError) {
                page = try await store.read(
                    stream,
                    from: (events.last?.version ?? 0) + 1,
                    direction: .forward,
                    limit: limit
                )
            } catch  where error.code == .streamNotFound || error.code == .streamDeleted {
                return events
            }
            events += page.prefix { $0.position <= position }
            guard page.count == limit, page.last.map({ $0.position <= position }) == true else { return events }
        }
    }

    /// Does something that is fenced by a checkpoint that others move all the time, until it is faster than they are.
    private func againstFence(
        _ body: () async throws(EventStoreError) -> Bool,
        orThrow error: () -> RebuildError
    ) async throws(RebuildError) {
        var failures = 0
        while true {
            do throws(EventStoreError) {
                if try await body() { return }
                break
            } catch {
                switch error.code {
                case .checkpointFenced, .outcomeUnknown: break
                case .handlerFailed:
                    throw .stopped(.handlerFailed(position: 0, attempts: 1, error.cause ?? error))
                default: guard error.isTransient else { throw .store(error) }
                }
            }
            failures += 1
            let configuration = runtime.configuration
            let wait = configuration.retryBackoff.wait(
                afterFailures: failures,
                random: configuration.environment.random()
            )
            guard (try? await time.sleep(for: wait)) != nil else { throw .cancelled }
        }
        throw error()
    }
}
