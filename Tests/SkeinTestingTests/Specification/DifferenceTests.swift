import Testing

@testable import SkeinTesting

@Suite struct DifferenceTests {
    @Test func `lines that only one side has do not shift the others`() {
        let difference = SideBySide(.init("expected", ["a", "b", "c"]), .init("actual", ["b", "c", "d"]))
        #expect(
            difference.text == """
                  expected   actual
                  a        <
                  b          b
                  c          c
                           > d
                """
        )
    }

    @Test func `a long line is continued below, and the piece that differs is marked`() {
        let start = String(repeating: "x", count: SideBySide.columnWidth)
        let difference = SideBySide(.init("expected", [start + "tail"]), .init("actual", [start + "tale and more"]))
        let lines = difference.text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1] == "  \(start)   \(start)")
        #expect(lines[2].contains("tail") && lines[2].hasSuffix(" ≠ tale and more"))
    }

    @Test func `empty columns are shown`() {
        #expect(SideBySide(.init("expected", []), .init("actual", [])).text == "  expected   actual")
        #expect(SideBySide(.init("expected", []), .init("actual", ["a"])).text.hasSuffix("> a"))
    }

    @Test func `a text of several lines is compared line by line`() {
        let difference = SideBySide("expected", ["one\ntwo\nthree"], "actual", ["one\n2\nthree"])
        #expect(
            difference.text == """
                  expected   actual
                  \"""        \"""
                  one        one
                  two      ≠ 2
                  three      three
                  \"""        \"""
                """
        )
    }

    @Test func `a value is shown in one line if it fits, else part by part`() {
        struct Basket {
            var names: [String]
            var prices: [String: Double?]
            var pair: (Int, of: Bool)
        }
        let basket = Basket(names: ["a"], prices: ["b": 1, "a": nil], pair: (1, of: true))
        let line = #"Basket(names: ["a"], prices: ["a": nil, "b": 1.0], pair: (1, of: true))"#
        #expect(Portrait(of: basket).line == line)
        #expect(Portrait(of: basket).lines(width: 100) == [line])
        #expect(
            Portrait(of: basket).lines(width: 40) == [
                "Basket(", #"    names: ["a"],"#, #"    prices: ["a": nil, "b": 1.0],"#, "    pair: (1, of: true)", ")",
            ]
        )
    }

    @Test func `values that describe themselves are shown whole where their texts do not tell them apart`() {
        struct Money: CustomStringConvertible {
            var cents: Int
            var description: String { "money" }
        }
        let difference = SideBySide("expected", [Money(cents: 1)], "actual", [Money(cents: 2)])
        #expect(difference.text.contains("Money(cents: 1) ≠ Money(cents: 2)"))
        #expect(
            SideBySide("expected", [Double.nan], "actual", [Double.nan]).text.contains("looks the same, but is not")
        )
    }

    @Test func `objects that hold each other are shown and compared`() {
        final class Node {
            var next: Node?
            let name: String
            init(_ name: String) { self.name = name }
        }
        let (ring, other) = (Node("a"), Node("a"))
        ring.next = ring
        other.next = Node("b")
        #expect(Portrait(of: ring).line == #"Node(next: Node(…), name: "a")"#)
        #expect(Likeness.holds(ring, ring))
        #expect(!Likeness.holds(ring, other))
    }

    @Test func `likeness is by content, whatever the order of a set or a dictionary`() {
        struct Plain { var number: Int }
        let left = Dictionary(uniqueKeysWithValues: (0..<50).map { ($0, Plain(number: $0)) })
        let right = Dictionary(uniqueKeysWithValues: (0..<50).reversed().map { ($0, Plain(number: $0)) })
        #expect(Likeness.holds(left, right))
        #expect(!Likeness.holds(left, left.filter { $0.key != 7 }))
        #expect(Likeness.holds([Plain(number: 1)], [Plain(number: 1)]))
        #expect(!Likeness.holds([Plain(number: 1)], [Plain(number: 2)]))
        #expect(!Likeness.holds([Plain(number: 1)], [Plain(number: 1), Plain(number: 1)]))
        #expect(!Likeness.holds(Plain?.none as Any, Plain?.some(Plain(number: 1)) as Any))
        #expect(!Likeness.holds(1, Int64(1)))
    }
}
