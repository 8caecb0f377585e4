import Foundation
import Testing

@testable import Skein

struct PayloadEncoderPropertyTests {
    /// JSON of any shape.
    private indirect enum Tree: Codable, Hashable {
        case text(String), number(Int), real(Double), truth(value: Bool), moment(Date), bytes(Data)
        case list([Tree]), table([String: Tree]), numbered([Int: Tree?]), pair(Tree, label: Tree?), nothing

        static func random(_ depth: Int, _ random: inout SplitMix) -> Tree {
            let kinds = depth > 0 ? 11 : 7
            func children() -> [Tree] {
                (0..<Int.random(in: 0..<4, using: &random)).map { _ in Tree.random(depth - 1, &random) }
            }
            switch Int.random(in: 0..<kinds, using: &random) {
            case 0: return .text(text(&random))
            case 1: return .number(Int.random(in: .min ... .max, using: &random) >> Int.random(in: 0..<64, using: &random))
            case 2:
                let real = Double(bitPattern: random.next())
                return .real(real.isFinite ? real : Double.random(in: -10...10, using: &random))
            case 3: return .truth(value: Bool.random(using: &random))
            case 4: return .moment(Date(timeIntervalSinceReferenceDate: .random(in: -1e9...1e9, using: &random)))
            case 5: return .bytes(Data((0..<Int.random(in: 0..<9, using: &random)).map { UInt8($0 * 31) }))
            case 6: return .nothing
            case 7: return .list(children())
            case 8: return .table(Dictionary(children().map { (text(&random), $0) }, uniquingKeysWith: { $1 }))
            case 9:
                let pairs = children().map { (Int.random(in: -9...9, using: &random), $0 == .nothing ? nil : $0) }
                return .numbered(Dictionary(pairs, uniquingKeysWith: { $1 }))
            default: return .pair(.random(depth - 1, &random), label: children().first)
            }
        }

        private static func text(_ random: inout SplitMix) -> String {
            let alphabet: [Character] = ["a", "b", "\"", "\\", "/", "\n", "\u{1}", "é", "😀", "}", "]", ",", ":", " "]
            return String((0..<Int.random(in: 0..<8, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) })
        }
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    @Test(arguments: 0..<300)
    func `a random value comes back, and as Foundation writes it`(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let tree = Tree.random(5, &random)
        try expectRoundTrip(tree)
        let event = try JSONPayloadEncoder().encodeEvent(tree)
        let name = try #require(event.name)
        let whole = Array("{\"\(name)\":".utf8) + event.bytes + Array("}".utf8)
        #expect(try JSONDecoder().decode(Tree.self, from: Data(whole)) == tree)
    }

    /// Writes into containers that are open at the same time, in random order, and compares with what was written.
    @Test(arguments: 0..<300)
    func `containers may be used in any order`(seed: Int) throws {
        let write: (any Encoder) throws -> Void = { encoder in
            var random = SplitMix(state: UInt64(seed))
            var arrays: [any UnkeyedEncodingContainer] = [encoder.unkeyedContainer()]
            var encoders: [any Encoder] = []
            for step in 0..<Int.random(in: 1..<60, using: &random) {
                let index = Int.random(in: 0..<arrays.count, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: try arrays[index].encode(step)
                case 1: arrays.append(arrays[index].nestedUnkeyedContainer())
                case 2: encoders.append(arrays[index].superEncoder())
                case 3:
                    guard let encoder = encoders.popLast() else { continue }
                    if Bool.random(using: &random) {
                        arrays.append(encoder.unkeyedContainer())
                    } else {
                        var single = encoder.singleValueContainer()
                        try single.encode("step \(step)")
                    }
                case 4: try? arrays[index].encode([Double.nan])
                default: try arrays[index].encode([[step]])
                }
                encoders.shuffle(using: &random)
            }
        }
        let ours = try JSONPayloadEncoder().encode(Encoding(write: write))
        let reference = try JSONEncoder().encode(Encoding(write: write))
        #expect(ours == Array(reference))
    }
}
