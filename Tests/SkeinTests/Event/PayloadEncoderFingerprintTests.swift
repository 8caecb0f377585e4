import Foundation
import Testing

@testable import Skein

struct PayloadEncoderFingerprintTests {
    private enum Command {
        case open(owner: String)
        case rename(String)
        case deposit(amount: Int)
        case tag(Set<String>, Labels)
        case close, reopen
        indirect case both(Command, Command)
    }

    private struct Labels { var byName: [String: Plain] = [:] }
    private struct Plain: Hashable { var value: Int }
    private final class Connection {}
    private struct Deep: Codable, Hashable {
        var sets: [String: Set<[Int]>]
        var pairs: [Bool: Set<String>]
    }

    @Test func `a command has the same fingerprint in every run`() {
        #expect(StructuralFingerprint.of(Command.deposit(amount: 100)) == 13_869_127_042_834_440_196)
        #expect(StructuralFingerprint.of(Movement.withdrawn(amount: 5, reason: .gift)) == 10_087_702_443_135_511_333)
        #expect(StructuralFingerprint.of(Command.close) == 12_627_865_261_336_059_806)
        #expect(StructuralFingerprint.of("text") == 7_725_933_946_610_293_368)
    }

    @Test func `commands that differ have different fingerprints`() {
        let values: [Any] = [
            Command.open(owner: "a"), Command.open(owner: "b"), Command.rename("a"), Command.deposit(amount: 1),
            Command.deposit(amount: 2), Command.close, Command.reopen, Command.tag([], Labels()),
            Command.tag(["a"], Labels()), Command.tag(["a", "b"], Labels()),
            Command.tag(["a"], Labels(byName: ["a": Plain(value: 1)])),
            Command.tag(["a"], Labels(byName: ["a": Plain(value: 2)])),
            Command.tag(["a"], Labels(byName: ["b": Plain(value: 1)])),
            Command.both(.close, .reopen), Command.both(.reopen, .close), Command.both(.close, .close),
            Movement.closed, Movement.deposited(1), 1, 1.5, "1", "close", [1], [1, 2], [2, 1], Int?.none as Any,
            [Plain(value: 1), Plain(value: 2)], [Plain(value: 2), Plain(value: 1)], Double.nan, Double.infinity,
            ["a\0b"], ["a\0c"], Character("a"), Date(timeIntervalSinceReferenceDate: .nan), Decimal.nan, () as Any,
            Date(timeIntervalSinceReferenceDate: 3), (1, 2), (a: 1, b: 2),
        ]
        let fingerprints = values.map { StructuralFingerprint.of($0) }
        let repeated = Dictionary(grouping: zip(fingerprints, values), by: \.0).values.filter { $0.count > 1 }
        #expect(repeated.isEmpty)
        #expect(!fingerprints.contains(0))
    }

    @Test func `the order of sets and dictionaries plays no part`() {
        for count in [2, 10, 100] {
            let numbers = Array(0..<count)
            var (small, large) = (Set<String>(), Set<String>(minimumCapacity: 10_000))
            small.formUnion(numbers.map(String.init))
            large.formUnion(numbers.reversed().map(String.init))
            expectEqual(Command.tag(small, Labels()), Command.tag(large, Labels()))
            let plain = numbers.map(Plain.init)
            var (first, second) = (Set(plain), Set<Plain>(minimumCapacity: 10_000))
            second.formUnion(plain.reversed())
            expectEqual(first, second)
            first.removeFirst()
            #expect(StructuralFingerprint.of(first) != StructuralFingerprint.of(second))
            var tables = (one: [String: Plain](), two: [String: Plain](minimumCapacity: 10_000))
            for number in plain { tables.one[String(number.value)] = number }
            for number in plain.reversed() { tables.two[String(number.value)] = number }
            expectEqual(tables.one, tables.two)
            expectEqual(Labels(byName: tables.one), Labels(byName: tables.two))
        }
    }

    @Test func `sets deep inside an encodable value have no order either`() {
        let lists = (0..<50).map { [$0, -$0] }
        var large = Set<[Int]>(minimumCapacity: 4_000)
        large.formUnion(lists.reversed())
        var texts = Set<String>(minimumCapacity: 4_000)
        texts.formUnion(["x", "y", "z", "a,b", "\"]"])
        var (first, second) = (Deep(sets: [:], pairs: [:]), Deep(sets: [:], pairs: [:]))
        first.sets = ["a": Set(lists), "b": []]
        first.pairs = [true: ["x", "y", "z", "a,b", "\"]"], false: []]
        second.pairs = [false: [], true: texts]
        second.sets = ["b": [], "a": large]
        #expect(first == second)
        expectEqual(first, second)
        expectEqual([first, Deep(sets: [:], pairs: [:])], [second, Deep(sets: [:], pairs: [:])])
        second.sets["a"]?.removeFirst()
        #expect(StructuralFingerprint.of(first) != StructuralFingerprint.of(second))
    }

    @Test func `an object counts by its class, and depth has an end`() {
        expectEqual(Connection(), Connection())
        var command = Command.close
        for _ in 0..<5_000 { command = .both(command, .close) }
        #expect(StructuralFingerprint.of(command) != 0)
    }

    private func expectEqual(_ one: Any, _ two: Any, _ location: SourceLocation = #_sourceLocation) {
        #expect(StructuralFingerprint.of(one) == StructuralFingerprint.of(two), sourceLocation: location)
    }
}
