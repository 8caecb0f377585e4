import Synchronization

/// The names of types without their modules, each made once: to ask a type for its description takes microseconds.
enum TypeNames {
    private static let known = Mutex<[ObjectIdentifier: String]>([:])

    static func name<T>(of type: T.Type) -> String {
        let key = ObjectIdentifier(type)
        if let name = known.withLock({ $0[key] }) { return name }
        let name = String(describing: type)
        known.withLock { $0[key] = name }
        return name
    }
}
