#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension History {
    /// A command, a rejection or a state: as it is, or as the text that a file holds.
    ///
    /// Two values are equal if their texts are.
    public struct Value: Sendable {
        /// The value itself; nil if it was read from a file.
        public let value: (any Sendable)?

        private let storedText: String?

        /// Keeps a value. Its text is made when somebody asks for it.
        public init(_ value: any Sendable) {
            self.value = value
            storedText = nil
        }

        /// Keeps a value of which only the text is there.
        public init(text: String) {
            value = nil
            storedText = text
        }

        /// The value as JSON with sorted keys; if it is not `Encodable`, as Swift describes it.
        public var text: String {
            if let storedText { return storedText }
            guard let value else { return "" }
            if let encodable = value as? any Encodable {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                if let data = try? encoder.encode(encodable) { return String(decoding: data, as: UTF8.self) }
            }
            return String(describing: value)
        }

        /// The value in a type: as it is, or decoded from its JSON if the type allows that.
        func typed<T>(_ type: T.Type) -> T? {
            if let value { return value as? T }
            guard let decodable = type as? any Decodable.Type else { return nil }
            return try? JSONDecoder().decode(decodable, from: Data(text.utf8)) as? T
        }
    }
}

extension History.Value: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        left.text == right.text
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(text)
    }
}

extension History.Value: CustomStringConvertible {
    public var description: String { value.map { "\($0)" } ?? text }
}
