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
            case 1:
                let number = Int(truncatingIfNeeded: random.next())
                return .number(number >> Int.random(in: 0..<64, using: &random))
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
            let count = Int.random(in: 0..<8, using: &random)
            return String((0..<count).compactMap { _ in alphabet.randomElement(using: &random) })
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
        #expect(try JSONPayloadDecoder().decodeCase(Tree.self, named: name, from: event.bytes) == tree)
    }

    /// What should have been written, kept as a tree that is only turned into text at the end.
    private final class Model {
        var text: String?
        var items: [Model]?

        func add(_ text: String? = nil, items: [Model]? = nil) -> Model {
            let item = Model()
            item.text = text
            item.items = items
            self.items?.append(item)
            return item
        }

        var json: String {
            if let items { return "[\(items.map(\.json).joined(separator: ","))]" }
            return text ?? "{}"
        }
    }

    /// Writes into containers that are open at the same time, in random order.
    @Test(arguments: 0..<300)
    func `containers may be used in any order`(seed: Int) throws {
        let model = Model()
        model.items = []
        let value = Encoding { encoder in
            var random = SplitMix(state: UInt64(seed))
            var arrays: [(any UnkeyedEncodingContainer, Model)] = [(encoder.unkeyedContainer(), model)]
            var encoders: [(any Encoder, Model)] = []
            for step in 0..<Int.random(in: 1..<60, using: &random) {
                let index = Int.random(in: 0..<arrays.count, using: &random)
                let expected = arrays[index].1
                switch Int.random(in: 0..<6, using: &random) {
                case 0:
                    try arrays[index].0.encode(step)
                    _ = expected.add("\(step)")
                case 1: arrays.append((arrays[index].0.nestedUnkeyedContainer(), expected.add(items: [])))
                case 2: encoders.append((arrays[index].0.superEncoder(), expected.add()))
                case 3:
                    guard let (encoder, expected) = encoders.popLast() else { continue }
                    if Bool.random(using: &random) {
                        expected.items = []
                        arrays.append((encoder.unkeyedContainer(), expected))
                    } else {
                        var single = encoder.singleValueContainer()
                        if Bool.random(using: &random) { try? single.encode([[1], [Double.nan]]) }
                        try single.encode("step \(step)")
                        expected.text = "\"step \(step)\""
                    }
                case 4: try? arrays[index].0.encode([[1], [Double.nan]])
                default:
                    try arrays[index].0.encode([[step]])
                    _ = expected.add("[[\(step)]]")
                }
                encoders.shuffle(using: &random)
            }
            #expect(arrays.allSatisfy { $0.0.count == $0.1.items?.count })
        }
        #expect(try json(value) == model.json)
    }
}
