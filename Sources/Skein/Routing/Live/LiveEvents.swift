/// The events of an aggregate or of the whole log as they are stored, without end.
///
/// Pulled: events are read from the store when the reader asks for them, a page at a time, so that a slow reader costs
/// nothing and misses nothing. Nobody's position is kept. The sequence ends when the reading task is cancelled or the
/// store is closed; it throws ``EventStoreError`` and ``EventCodingError``, and does not go on afterwards.
public struct LiveEvents<Element: Sendable>: AsyncSequence, Sendable {
    /// Throws what cannot be read or decoded.
    public typealias Failure = any Error

    let makeSource: @Sendable () -> LiveSource<Element>

    /// Goes through the events.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var source: LiveSource<Element>
        private var buffer: ArraySlice<Element> = []
        private var isOver = false

        init(_ source: LiveSource<Element>) {
            self.source = source
        }

        /// The next event, once there is one; nil at the end.
        public mutating func next() async throws -> Element? {
            while !isOver, buffer.isEmpty {
                do {
                    guard let page = try await source.next() else {
                        isOver = true
                        return nil
                    }
                    buffer = page[...]
                } catch {
                    isOver = true
                    throw error
                }
            }
            return Task.isCancelled ? nil : buffer.popFirst()
        }
    }

    /// Begins to read where the stream begins.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(makeSource())
    }
}

/// Reads one page after the other, and waits where there is nothing yet.
struct LiveSource<Element: Sendable> {
    /// Reads what follows the events that were read before; more is there if the page is full.
    typealias Read = () async throws -> (page: [Element], isMoreThere: Bool)

    private var waiter: CommitWaiter
    private var mayHaveMore = false
    private let read: Read

    init(_ runtime: BusRuntime, _ read: @escaping Read) {
        waiter = CommitWaiter(runtime)
        self.read = read
    }

    /// The next events, which may be none; nil at the end.
    mutating func next() async throws -> [Element]? {
        if !mayHaveMore {
            guard await waiter.wait() else { return nil }
        }
        guard !Task.isCancelled else { return nil }
        let (page, isMoreThere) = try await read()
        mayHaveMore = isMoreThere
        return page
    }
}
