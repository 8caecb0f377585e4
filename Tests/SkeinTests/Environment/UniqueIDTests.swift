import Foundation
import Skein
import Testing

@Suite struct UniqueIDTests {
    @Test func `an id is written as a UUID and read again`() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<1_000 {
            let id = CommandID(high: random.next(), low: random.next())
            #expect(CommandID(id.description) == id)
            #expect(CommandID(id.description.uppercased()) == id)
            #expect(CommandID(bytes: id.bytes) == id)
            #expect(CommandID(id.uuid) == id)
            #expect(id.uuid.uuidString.lowercased() == id.description)
            #expect(EventID(EventID(id).description) == EventID(id))
        }
        let id = CommandID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
        #expect(id.description == "01234567-89ab-cdef-fedc-ba9876543210")
        #expect(id.bytes.first == 0x01 && id.bytes.last == 0x10)
        let coded = try JSONDecoder().decode(CommandID.self, from: JSONEncoder().encode(id))
        #expect(coded == id)
    }

    @Test(arguments: [
        "", "x", "0123456789abcdeffedcba9876543210", "01234567-89ab-cdef-fedc-ba987654321",
        "01234567-89ab-cdef-fedc-ba98765432100", "01234567-89ab-cdef-fedc-ba987654321g",
        "012345678-9ab-cdef-fedc-ba9876543210", "{1234567-89ab-cdef-fedc-ba9876543210}",
        "01234567-89ab-cdef-fedc-ba98765432é", "01234567--9ab-cdef-fedc-ba9876543210",
    ])
    func `what is no UUID is no id`(_ text: String) {
        #expect(CommandID(text) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(CommandID.self, from: JSONEncoder().encode(text))
        }
    }

    @Test func `missing bytes count as zero and further ones are ignored`() {
        #expect(CommandID(bytes: []) == CommandID(high: 0, low: 0))
        #expect(CommandID(bytes: [0xAB]) == CommandID(high: 0xAB << 56, low: 0))
        let bytes = (1...20).map { UInt8($0) }
        for count in 0...20 {
            let padded = Array((bytes.prefix(count) + Array(repeating: 0, count: 16)).prefix(16))
            #expect(CommandID(bytes: bytes.prefix(count)).bytes == padded)
        }
    }

    @Test func `an event's id follows from its command and its ordinal`() {
        let command = CommandID(high: 0x0192_0000_0000_7001, low: 0x8000_0000_0000_0001)
        let ids = (0..<5_000).map { EventID(command: command, ordinal: $0) }
        #expect(Set(ids).count == 5_000)
        #expect(ids == (0..<5_000).map { EventID(command: command, ordinal: $0) })
        #expect(ids.allSatisfy { $0.high == command.high && $0.low >> 62 == 0b10 })
        let neighbour = CommandID(high: command.high, low: command.low + 1)
        #expect(!ids.contains(EventID(command: neighbour, ordinal: 0)))
    }
}
