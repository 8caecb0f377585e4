import Testing

@testable import Skein

struct StopSignalTests {
    private let executor = ManualExecutor()
    private let time = ManualTime()
    private let stop = StopSignal()

    /// A wait of a second, with what is to end it.
    private func wait() -> Running<Void, any Error> {
        Running(on: executor) { [stop, time] () throws(any Error) in
            await stop.wait(for: .seconds(1), by: time)
        }
    }

    @Test func `a wait ends when its time has passed`() {
        let wait = wait()
        #expect(!wait.isOver)
        time.advance(by: .seconds(1))
        executor.settle()
        #expect(wait.isOver)
    }

    @Test func `a wait ends with the signal, and so does every other`() {
        let first = wait()
        let second = wait()
        let endless = Running(on: executor) { [stop] () throws(any Error) in await stop.wait() }
        stop.set()
        executor.settle()
        #expect(first.isOver && second.isOver && endless.isOver)
        #expect(time.sleeperCount == 0)
        #expect(wait().isOver)
    }

    @Test func `a wait ends when it is cancelled, and leaves the others alone`() {
        let first = wait()
        let second = wait()
        first.cancel()
        #expect(first.isOver)
        #expect(!second.isOver)
        #expect(time.sleeperCount == 1)
        second.cancel()
    }
}
