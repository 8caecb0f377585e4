import Foundation
import Testing

@testable import Skein

/// Encodings that nobody's compiler writes, but a person may.
struct PayloadEncoderContainerTests {
    private typealias Key = Encoding.Key

    /// Compares with what Foundation writes, which is the same tree.
    private func expect(_ expected: String, _ write: @escaping (any Encoder) throws -> Void) throws {
        let value = Encoding(write: write)
        #expect(try json(value) == expected)
        let reference = try JSONEncoder().encode(value)
        let ours = try JSONPayloadEncoder().encode(value)
        let trees = try [reference, Data(ours)].map { try JSONSerialization.jsonObject(with: $0) as? NSObject }
        #expect(trees[0] == trees[1])
    }

    @Test func `two open containers are filled in turns`() throws {
        try expect(#"{"a":{"a":1,"b":2,"c":[3]},"b":[1,2,{"d":4}],"c":5}"#) { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            var object = outer.nestedContainer(keyedBy: Key.self, forKey: .a)
            var array = outer.nestedUnkeyedContainer(forKey: .b)
            try object.encode(1, forKey: .a)
            try array.encode(1)
            try outer.encode(5, forKey: .c)
            try object.encode(2, forKey: .b)
            try array.encode(2)
            var late = object.nestedUnkeyedContainer(forKey: .c)
            var later = array.nestedContainer(keyedBy: Key.self)
            try late.encode(3)
            try later.encode(4, forKey: .d)
        }
    }

    @Test func `values that encode themselves go to a closed container`() throws {
        try expect(#"{"a":[[1],{"x":["y"]}],"b":true,"c":[{"z":[0]}]}"#) { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            var first = outer.nestedUnkeyedContainer(forKey: .a)
            try outer.encode(true, forKey: .b)
            var second = outer.nestedUnkeyedContainer(forKey: .c)
            try first.encode([1])
            try second.encode(["z": [0]])
            try first.encode(["x": ["y"]])
        }
    }

    @Test(arguments: [0, 1, 2, 3, 4])
    func `a superEncoder may be used at any time, or never`(shape: Int) throws {
        let inner = ["{}", #"{"d":1}"#, "[1,2]", #""late""#, "[[7]]"][shape]
        try expect(#"{"super":\#(inner),"a":1,"b":{"d":2}}"#) { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            let superEncoder = outer.superEncoder()
            try outer.encode(1, forKey: .a)
            var nested = outer.nestedContainer(keyedBy: Key.self, forKey: .b)
            switch shape {
            case 1:
                var container = superEncoder.container(keyedBy: Key.self)
                try container.encode(1, forKey: .d)
            case 2:
                var container = superEncoder.unkeyedContainer()
                try container.encode(1)
                try container.encode(2)
            case 3:
                var container = superEncoder.singleValueContainer()
                try container.encode("late")
            case 4:
                var container = superEncoder.singleValueContainer()
                try container.encode([[7]])
            default: break
            }
            try nested.encode(2, forKey: .d)
        }
    }

    @Test func `superEncoders in an array keep their places`() throws {
        try expect(#"["one",{},[2],3]"#) { encoder in
            var array = encoder.unkeyedContainer()
            let first = array.superEncoder()
            _ = array.superEncoder()
            let third = array.superEncoder()
            try array.encode(3)
            var container = third.unkeyedContainer()
            try container.encode(2)
            var single = first.singleValueContainer()
            try single.encode("one")
        }
    }

    @Test func `the last of two members with one key counts`() throws {
        try expect(#"{"a":{"b":2},"b":3}"#) { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            try outer.encode("first", forKey: .a)
            try outer.encode(3, forKey: .b)
            try outer.encode(["b": 2], forKey: .a)
        }
        try expect(#"{"a":{"b":2,"c":3},"b":1}"#) { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            var first = outer.nestedContainer(keyedBy: Key.self, forKey: .a)
            try outer.encode(1, forKey: .b)
            var again = outer.nestedContainer(keyedBy: Key.self, forKey: .a)
            try first.encode(2, forKey: .b)
            try again.encode(3, forKey: .c)
        }
    }

    @Test func `a repeated key is found among many`() throws {
        struct Name: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
        for count in [1, 2, 20, 24, 25, 26, 100] {
            let value = Encoding { encoder in
                var container = encoder.container(keyedBy: Name.self)
                for round in 0..<2 {
                    for number in 0..<count { try container.encode(round, forKey: Name(stringValue: "key \(number)")) }
                }
            }
            let read = try JSONDecoder().decode([String: Int].self, from: Data(JSONPayloadEncoder().encode(value)))
            #expect(read.count == count)
            #expect(read.values.allSatisfy { $0 == 1 })
            #expect(try json(value).filter { $0 == ":" }.count == count)
        }
    }

    @Test func `a value that fails and is caught leaves nothing behind`() throws {
        struct Failing: Encodable {
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(1, forKey: .a)
                try container.encode(Double.nan, forKey: .b)
            }
        }
        // Foundation traps in both.
        let first = Encoding { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            var array = outer.nestedUnkeyedContainer(forKey: .a)
            try array.encode(1)
            try? array.encode(Failing())
            var object = outer.nestedContainer(keyedBy: Key.self, forKey: .c)
            try? object.encode([[Failing()]], forKey: .a)
            try? object.encode(Double.infinity, forKey: .b)
            try? array.encode(Failing())
            try array.encode(2)
            try object.encodeNil(forKey: .d)
        }
        #expect(try json(first) == #"{"a":[1,2],"c":{"d":null}}"#)
        let second = Encoding { encoder in
            var single = encoder.singleValueContainer()
            try? single.encode(Failing())
            try single.encode([7])
        }
        #expect(try json(second) == "[7]")
    }

    @Test func `an element that encodes nothing is an empty object`() throws {
        try expect(#"{"a":{},"b":[{}]}"#) { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            try outer.encode(Encoding { _ in }, forKey: .a)
            try outer.encode([Encoding { _ in }], forKey: .b)
        }
    }

    @Test func `an encoder knows its path`() throws {
        var paths: [String] = []
        func note(_ path: [any CodingKey]) {
            paths.append(path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "."))
        }
        let value = Encoding { encoder in
            var outer = encoder.container(keyedBy: Key.self)
            var array = outer.nestedUnkeyedContainer(forKey: .a)
            note(outer.codingPath)
            note(array.codingPath)
            try array.encode(1)
            try array.encode(Encoding { note($0.codingPath) })
            note(array.superEncoder().codingPath)
            note(outer.superEncoder().codingPath)
            note(outer.superEncoder(forKey: .b).singleValueContainer().codingPath)
        }
        _ = try JSONPayloadEncoder().encode(value)
        #expect(paths == ["", "a", "a.1", "a.2", "super", "b"])
    }
}
