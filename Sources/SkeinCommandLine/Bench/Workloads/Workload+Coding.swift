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
        let load = Load(tasks: 1, seconds: setup.seconds / 4)
        let event = Tally.Event.added(amount: 42)
        let codec = JSONEventCoder().codec(for: Tally.Event.self)
        let (name, payload) = try codec.encode(event)
        let foundation = try await load.run("JSONEncoder", unit: "events/s") { _, _ in
            _ = try JSONEncoder().encode(event)
        }
        let encoded = try await load.run("Skein's encoder", unit: "events/s") { _, _ in
            _ = try codec.encode(event)
        }
        let whole = try JSONEncoder().encode(event)
        let foundationDecoder = try await load.run("JSONDecoder", unit: "events/s") { _, _ in
            _ = try JSONDecoder().decode(Tally.Event.self, from: whole)
        }
        let decoded = try await load.run("Skein's decoder", unit: "events/s") { _, _ in
            _ = try codec.decode(name, 1, payload)
        }
        return [foundation, encoded.against(foundation), foundationDecoder, decoded.against(foundationDecoder)]
    }
}
