/// An event as a store keeps it: the name of its case and the JSON of what the case carries.
package struct EncodedPayload: Sendable, Hashable {
    /// The enum case's name, or nil when the value is no enum or writes itself in another shape.
    package var name: String?

    /// Compact UTF-8 JSON: the case's own (`{"amount":100}`) with a name, the whole value's without.
    package var bytes: [UInt8]

    package init(name: String?, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
