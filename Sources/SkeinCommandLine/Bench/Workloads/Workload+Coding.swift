import Skein

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Workload {
    static let coding = Workload(
        name: "coding",
        summary: "a small event to JSON and back, on one core"
    ) { setup in
        let load = Load(tasks: 1, seconds: setup.seconds / 2)
        let event = Tally.Event.added(amount: 42)
        let codec = JSONEventCoder().codec(for: Tally.Event.self)
        let (name, payload) = try codec.encode(event)
        let foundation = try await load.run("JSONEncoder", unit: "events/s") { _, _ in
            _ = try JSONEncoder().encode(event)
        }
        let encoded = try await load.run("Skein's encoder", unit: "events/s") { _, _ in
            _ = try codec.encode(event)
        }
        let decoded = try await load.run("decoding", unit: "events/s") { _, _ in
            _ = try codec.decode(name, 1, payload)
        }
        return [foundation, encoded.against(foundation), decoded]
    }
}
