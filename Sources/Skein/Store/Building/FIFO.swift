/// A queue that takes from its front without moving the rest each time.
package struct FIFO<Element: Sendable>: Sendable {
    private var elements: [Element?] = []
    private var front = 0

    package init() {}

    package var count: Int { elements.count - front }

    package var first: Element? { front < elements.count ? elements[front] : nil }

    package mutating func append(_ element: Element) {
        elements.append(element)
    }

    package mutating func popFirst() -> Element? {
        guard front < elements.count else { return nil }
        defer {
            elements[front] = nil
            front += 1
            if front == elements.count {
                elements.removeAll(keepingCapacity: true)
                front = 0
            } else if front >= 1_024, front * 2 >= elements.count {
                elements.removeFirst(front)
                front = 0
            }
        }
        return elements[front]
    }
}
