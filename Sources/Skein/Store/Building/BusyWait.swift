import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Waits without letting the thread fall asleep, for what comes sooner than a sleeping thread could be woken up.
package enum BusyWait {
    /// Waits until something is true, giving way to other threads, at most for so long.
    package static func wait(atMost nanoseconds: UInt64, until isOver: () -> Bool) {
        let end = DispatchTime.now().uptimeNanoseconds + nanoseconds
        while !isOver(), DispatchTime.now().uptimeNanoseconds < end { sched_yield() }
    }
}
