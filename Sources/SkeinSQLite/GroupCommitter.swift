import Logging
import Skein
import Synchronization

/// Commits groups of writes, each of which stands for itself: what one of them runs into does not touch the others.
final class GroupCommitter: Sendable {
    private let writer: Mutex<EventWriter>
    private let configuration: SQLiteConfiguration
    private let signals: CommitSignals

    init(_ writer: EventWriter, configuration: SQLiteConfiguration, signals: CommitSignals) {
        self.writer = Mutex(writer)
        self.configuration = configuration
        self.signals = signals
    }

    func commit(_ group: [PendingWrite]) {
        commit(group, checksFirst: false)
    }

    private func commit(_ group: [PendingWrite], checksFirst: Bool) {
        let outcome = writer.withLock { writer in
            writer.connection.perform { transaction(group, in: &writer, checksFirst: checksFirst) }
        }
        switch outcome {
        case .committed(let answers, let storesEvents):
            for answer in answers { answer() }
            if storesEvents { signals.signal() }
        case .failed(let error):
            configuration.logger.warning(
                "a transaction failed",
                metadata: ["writes": "\(group.count)", "error": "\(error)"]
            )
            for write in group { write.fail(error) }
        case .spoilt(let error):
            if !checksFirst {
                commit(group, checksFirst: true)
            } else if group.count > 1 {
                // By halves, so that the others soon have a transaction without the one that failed.
                let half = group.count / 2
                commit(Array(group[..<half]), checksFirst: true)
                commit(Array(group[half...]), checksFirst: true)
            } else {
                configuration.logger.warning("a write failed", metadata: ["error": "\(error)"])
                for write in group { write.fail(error) }
            }
        }
    }

    private enum Outcome {
        case committed([Reply], storesEvents: Bool)
        /// The transaction as such did not work out.
        case failed(EventStoreError)
        /// One of the writes failed half way, and took the transaction with it.
        case spoilt(EventStoreError)
    }

    private func transaction(
        _ group: [PendingWrite],
        in writer: inout EventWriter,
        checksFirst: Bool
    ) -> Outcome {
        var answers: [Reply] = []
        answers.reserveCapacity(group.count)
        do {
            try writer.begin()
        } catch {
            writer.rollBack()
            return .failed(EventStoreError(sqlite: error))
        }
        for write in group {
            do {
                answers.append(try write.run(&writer, checksFirst))
            } catch let error as EventStoreError {
                answers.append { write.fail(error) }
            } catch {
                writer.rollBack()
                return .spoilt(EventStoreError(sqlite: error))
            }
        }
        do {
            try writer.commit()
        } catch {
            writer.rollBack()
            return .failed(EventStoreError(sqlite: error, during: .committing))
        }
        return .committed(answers, storesEvents: writer.storesEvents)
    }
}
