import Skein
import Testing

extension EventStoreConformance {
    static let snapshots: [Case] = [
        // case 41
        Case("snapshots", "a stream without a snapshot has none") { stage in
            try await stage.store.keep(.notes("a"))
            try check(try await stage.store.snapshot(of: .ada), is: nil)
        },
        // case 41
        Case("snapshots", "a snapshot comes back with everything that was saved") { stage in
            let snapshot = Snapshot(stream: .ada, version: 3, shapeVersion: 7, payload: [0, 0xFF, 39, 34])
            try await stage.store.save(snapshot)
            let found = try await stage.store.snapshot(of: .ada)
            try check(found, is: snapshot)
            try check(found?.isIntact, is: true)
        },
        // case 41
        Case("snapshots", "a higher version takes the place of a lower one") { stage in
            try await saving([(1, 1), (2, 1), (9, 1)], keeps: 2, on: stage)
        },
        Case("snapshots", "the same version takes the place of the one before") { stage in
            try await saving([(4, 1), (4, 1)], keeps: 1, on: stage)
        },
        Case("snapshots", "a lower version of the same shape is ignored") { stage in
            try await saving([(5, 1), (4, 1), (1, 1)], keeps: 0, on: stage)
        },
        Case("snapshots", "a lower version of a newer shape is kept") { stage in
            try await saving([(5, 1), (3, 2)], keeps: 1, on: stage)
        },
        Case("snapshots", "a lower version of an older shape is kept") { stage in
            try await saving([(5, 2), (3, 1)], keeps: 1, on: stage)
        },
        Case("snapshots", "each stream has its own, also under the same id") { stage in
            let streams = [StreamID.ada, .bob, StreamID(aggregate: "Other", id: "ada")]
            for (number, stream) in streams.enumerated() {
                let payload = [UInt8(number)]
                try await stage.store.save(Snapshot(stream: stream, version: 1, shapeVersion: 1, payload: payload))
            }
            for (number, stream) in streams.enumerated() {
                try check(try await stage.store.snapshot(of: stream)?.payload, is: [UInt8(number)], "\(stream)")
            }
        },
        // case 41
        Case("snapshots", "a deleted snapshot is gone, and the others stay") { stage in
            for stream in [StreamID.ada, .bob] {
                try await stage.store.save(Snapshot(stream: stream, version: 1, shapeVersion: 1, payload: [1]))
            }
            try await stage.store.deleteSnapshot(of: .ada)
            try check(try await stage.store.snapshot(of: .ada), is: nil)
            try check(try await stage.store.snapshot(of: .bob)?.version, is: 1)
        },
        // case 41
        Case("snapshots", "deleting a snapshot that is not there does nothing") { stage in
            try await stage.store.deleteSnapshot(of: .ada)
            try check(try await stage.store.snapshot(of: .ada), is: nil)
        },
        Case("snapshots", "after deleting, a lower version is kept again") { stage in
            try await stage.store.save(Snapshot(stream: .ada, version: 5, shapeVersion: 1, payload: [5]))
            try await stage.store.deleteSnapshot(of: .ada)
            try await stage.store.save(Snapshot(stream: .ada, version: 2, shapeVersion: 1, payload: [2]))
            try check(try await stage.store.snapshot(of: .ada)?.version, is: 2)
        },
        Case("snapshots", "a damaged snapshot comes back as it is, with its checksum") { stage in
            for checksum in [0, 1 << 63, .max] as [UInt64] {
                let damaged = Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: [1, 2], checksum: checksum)
                try await stage.store.save(damaged)
                let found = try await stage.store.snapshot(of: .ada)
                try check(found, is: damaged)
                try check(found?.isIntact, is: false)
            }
        },
        Case("snapshots", "a payload may be empty") { stage in
            try await stage.store.save(Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: []))
            try check(try await stage.store.snapshot(of: .ada)?.payload, is: [])
        },
        Case("snapshots", "a payload of more than a megabyte comes back whole") { stage in
            let payload = manyBytes(1_500_000)
            let snapshot = Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: payload, checksum: 7)
            try await stage.store.save(snapshot)
            try check(try await stage.store.snapshot(of: .ada)?.payload == payload, "all bytes come back")
        },
        Case("snapshots", "saving and deleting snapshots leaves the log alone") { stage in
            try await stage.store.keep(.notes("a"))
            try await stage.store.save(Snapshot(stream: .ada, version: 1, shapeVersion: 1, payload: [1]))
            try await stage.store.deleteSnapshot(of: .ada)
            try check(try await stage.store.log().map(\.note), is: ["a"])
            try check(try await stage.store.keep(.notes("b", expecting: .exactly(1))).position, is: 2)
        },
        Case("snapshots", "of snapshots that are saved at once the highest version is left") { stage in
            try await atOnce(16) { number in
                let version = Int64(number * 7 % 16) + 1
                let payload = [UInt8(version)]
                try await stage.store.save(Snapshot(stream: .ada, version: version, shapeVersion: 1, payload: payload))
            }
            try check(try await stage.store.snapshot(of: .ada)?.version, is: 16)
            try check(try await stage.store.snapshot(of: .ada)?.payload, is: [16])
        },
    ]

    /// Saves snapshots one after the other, and looks which of them is left.
    private static func saving(
        _ saved: [(version: Int64, shape: Int)],
        keeps kept: Int,
        on stage: EventStoreStage
    ) async throws {
        let snapshots = saved.enumerated().map { number, snapshot in
            Snapshot(
                stream: .ada,
                version: snapshot.version,
                shapeVersion: snapshot.shape,
                payload: [UInt8(number)]
            )
        }
        for snapshot in snapshots { try await stage.store.save(snapshot) }
        try check(try await stage.store.snapshot(of: .ada), is: snapshots[kept])
    }
}
