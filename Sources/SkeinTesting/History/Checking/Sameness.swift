import Skein

/// Tells whether two values of a type are the same: by `==` if the type has it, else by what they consist of.
struct Sameness<T> {
    private let compare: (T, T) -> Bool

    init() {
        if let type = T.self as? any Equatable.Type {
            compare = Self.equality(type)
        } else {
            compare = { StructuralFingerprint.of($0) == StructuralFingerprint.of($1) }
        }
    }

    private static func equality<E: Equatable>(_ type: E.Type) -> (T, T) -> Bool {
        { left, right in
            guard let left = left as? E, let right = right as? E else { return false }
            return left == right
        }
    }

    func callAsFunction(_ left: T, _ right: T) -> Bool {
        compare(left, right)
    }

    func callAsFunction(_ left: ArraySlice<T>, _ right: [T]) -> Bool {
        guard left.count == right.count else { return false }
        for offset in 0..<right.count where !compare(left[left.startIndex + offset], right[offset]) { return false }
        return true
    }
}

/// How the values of an aggregate type are compared.
struct Comparison<A: Aggregate> {
    let sameState = Sameness<A>()
    let sameEvent = Sameness<A.Event>()
    let sameRejection = Sameness<A.Rejection>()
}
