public import Skein

extension CommandBus {
    /// Runs the bus while something is done with it, then cancels it and waits until nothing of it runs any more.
    ///
    /// An error of ``Skein/CommandBus/run()`` is thrown rather than one that followed from it.
    public func whileRunning<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            group.cancelAll()
            try await group.waitForAll()
            return try result.get()
        }
    }
}
