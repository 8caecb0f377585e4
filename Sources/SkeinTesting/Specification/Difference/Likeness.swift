/// Whether two values are the same: by `==` where their types have it, else part by part.
///
/// JSON would not do: what a broken coding leaves out is missing in both texts.
enum Likeness {
    private static let depthLimit = 64

    static func holds(_ left: Any, _ right: Any) -> Bool {
        holds(left, right, depth: 0)
    }

    private static func holds(_ left: Any, _ right: Any, depth: Int) -> Bool {
        guard type(of: left) == type(of: right) else { return false }
        if let left = left as? any Equatable { return isEqual(left, right) }
        let mirrors = (Mirror(reflecting: left), Mirror(reflecting: right))
        guard depth < depthLimit, mirrors.0.displayStyle == mirrors.1.displayStyle else { return false }
        switch mirrors.0.displayStyle {
        case .class where isSameObject(left, right):
            return true
        case .set, .dictionary:
            return portraits(mirrors.0) == portraits(mirrors.1)
        default:
            guard mirrors.0.isLeaf, mirrors.1.isLeaf else { return parts(mirrors.0, mirrors.1, depth) }
            // A case without values, a closure, a metatype: their text is all that can be compared.
            return mirrors.0.displayStyle == .class || String(describing: left) == String(describing: right)
        }
    }

    private static func parts(_ left: Mirror, _ right: Mirror, _ depth: Int) -> Bool {
        switch (left.superclassMirror, right.superclassMirror) {
        case (nil, nil): break
        case (let left?, let right?): guard parts(left, right, depth) else { return false }
        default: return false
        }
        let children = (Array(left.children), Array(right.children))
        return children.0.count == children.1.count
            && zip(children.0, children.1).allSatisfy { left, right in
                left.label == right.label && holds(left.value, right.value, depth: depth + 1)
            }
    }

    /// The elements' texts in an order of their own, for sets and dictionaries have none.
    private static func portraits(_ mirror: Mirror) -> [String] {
        mirror.children.map { Portrait(of: $0.value, isComplete: true).line }.sorted()
    }

    private static func isEqual<Value: Equatable>(_ left: Value, _ right: Any) -> Bool {
        (right as? Value) == left
    }

    private static func isSameObject(_ left: Any, _ right: Any) -> Bool {
        ObjectIdentifier(left as AnyObject) == ObjectIdentifier(right as AnyObject)
    }
}

extension Mirror {
    /// Whether there is nothing inside to look at.
    var isLeaf: Bool { children.isEmpty && (superclassMirror?.isLeaf ?? true) }
}
