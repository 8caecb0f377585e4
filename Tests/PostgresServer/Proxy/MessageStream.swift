/// Finds the messages in what a client sends to PostgreSQL.
struct RequestStream {
    enum Found: Equatable {
        /// A statement is run; its text in lower case.
        case statement(String)
        /// The server will say that it is ready.
        case sync
        /// The server will answer with one byte.
        case encryption
    }

    private var rest: [UInt8] = []
    private var hasStarted = false
    private var texts: [String: String] = [:]

    /// Takes bytes and returns what they complete.
    mutating func take(_ bytes: ArraySlice<UInt8>) -> [Found] {
        rest += bytes
        var found: [Found] = []
        var start = 0
        while let message = nextMessage(at: start) {
            found += read(message)
            start += message.count
        }
        rest.removeFirst(start)
        return found
    }

    private func nextMessage(at start: Int) -> ArraySlice<UInt8>? {
        let type = hasStarted ? 1 : 0
        guard rest.count >= start + type + 4 else { return nil }
        let length = rest[(start + type)..<(start + type + 4)].reduce(0) { $0 << 8 | Int($1) } + type
        guard length >= 4, rest.count >= start + length else { return nil }
        return rest[start..<(start + length)]
    }

    private mutating func read(_ message: ArraySlice<UInt8>) -> [Found] {
        guard hasStarted else {
            let code = message.dropFirst(4).prefix(4).reduce(0) { $0 << 8 | Int($1) }
            // Requests for TLS and for GSSAPI come before the start itself.
            if code == 80_877_103 || code == 80_877_104 { return [.encryption] }
            hasStarted = true
            return [.sync]
        }
        let body = message.dropFirst(5)
        switch message.first {
        case UInt8(ascii: "Q"): return [.statement(Self.text(body)), .sync]
        case UInt8(ascii: "S"): return [.sync]
        case UInt8(ascii: "P"):
            let name = Self.text(body)
            texts[name] = Self.text(body.dropFirst(name.utf8.count + 1))
            return []
        case UInt8(ascii: "B"):
            let portal = body.prefix { $0 != 0 }.count
            return [.statement(texts[Self.text(body.dropFirst(portal + 1))] ?? "")]
        default: return []
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).lowercased()
    }
}

/// Counts how often a server says that it is ready.
struct AnswerStream {
    /// How often it was ready.
    private(set) var ready = 0
    /// How many answers of one byte come before the next message.
    var singleBytes = 0
    private var header: [UInt8] = []
    private var left = 0

    mutating func take(_ bytes: ArraySlice<UInt8>) {
        var bytes = bytes
        while let byte = bytes.first {
            if left > 0 {
                let count = min(left, bytes.count)
                left -= count
                bytes = bytes.dropFirst(count)
            } else if header.isEmpty, singleBytes > 0 {
                singleBytes -= 1
                bytes = bytes.dropFirst()
            } else {
                header.append(byte)
                bytes = bytes.dropFirst()
            }
            if header.count == 5 {
                left = header.dropFirst().reduce(0) { $0 << 8 | Int($1) } - 4
                if header[0] == UInt8(ascii: "Z") { ready += 1 }
                header = []
            }
        }
    }
}
