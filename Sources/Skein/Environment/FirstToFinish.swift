/// Runs two operations and returns when the first of them has ended; the other is cancelled and waited for.
func firstToFinish(
    _ first: @escaping @Sendable () async -> Void,
    _ second: @escaping @Sendable () async -> Void
) async {
    await withTaskGroup(of: Void.self) { group in
        group.addTask { await first() }
        group.addTask { await second() }
        await group.next()
        group.cancelAll()
    }
}
