import Skein

/// Changes of notes as the schema's functions take them: the last one of each note, sorted, so that no two calls wait for
/// each other's rows.
struct NoteChanges: Sendable {
    private struct Name: Hashable, Comparable {
        let topic: [UInt8]
        let key: Int64

        init(topic: String, key: Int64) {
            self.topic = Array(topic.utf8)
            self.key = key
        }

        static func < (left: Name, right: Name) -> Bool {
            if left.topic == right.topic { return left.key < right.key }
            return left.topic.lexicographicallyPrecedes(right.topic)
        }
    }

    /// The content that a note gets; nil for those that are dropped.
    private let changes: [(name: Name, content: [UInt8]?)]

    var isEmpty: Bool { changes.isEmpty }

    init(_ notes: [NoteChange]) {
        var contents: [Name: [UInt8]?] = [:]
        for change in notes {
            switch change {
            case .keep(let note): contents.updateValue(note.content, forKey: Name(topic: note.topic, key: note.key))
            case .drop(let topic, let key): contents.updateValue(nil, forKey: Name(topic: topic, key: key))
            }
        }
        changes = contents.map { (name: $0.key, content: $0.value) }.sorted { $0.name < $1.name }
    }

    /// Adds the topics, the keys and the contents.
    func write(to parameters: inout Parameters) {
        parameters.addArray(changes.lazy.map { String(decoding: $0.name.topic, as: UTF8.self) })
        parameters.addArray(changes.lazy.map(\.name.key))
        parameters.addArray(of: [UInt8].self) { array in
            for change in changes { array.append(change.content) }
        }
    }
}
