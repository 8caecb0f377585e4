import Skein

/// How often each ``SimulatedFault`` happens.
///
/// A chance is between 0 and 1: per occasion, or for crashes, lost leases and clock jumps per second of virtual time.
public struct SimulatedFaults: Hashable, Sendable {
    private var chances: [Double]

    /// The chance of one fault; what is out of range is cut to it.
    public subscript(fault: SimulatedFault) -> Double {
        get { chances[fault.rawValue] }
        set { chances[fault.rawValue] = min(max(newValue, 0), 1) }
    }

    /// Creates faults with one chance for all that are named, and no others.
    public init(_ faults: [SimulatedFault] = [], chance: Double = 0) {
        chances = Array(repeating: 0, count: SimulatedFault.allCases.count)
        for fault in faults { self[fault] = chance }
    }

    /// Nothing goes wrong; only the order in which things happen differs from seed to seed.
    public static let none = SimulatedFaults()

    /// Everything that can go wrong does now and then.
    public static let all: SimulatedFaults = {
        var faults = SimulatedFaults()
        faults[.delay] = 0.2
        faults[.conflict] = 0.03
        faults[.failure] = 0.03
        faults[.lostAnswer] = 0.03
        faults[.outage] = 0.003
        faults[.lateWakeUp] = 0.2
        faults[.damagedSnapshot] = 0.2
        faults[.handlerFailure] = 0.02
        faults[.cancellation] = 0.05
        faults[.crash] = 0.3
        faults[.lostLease] = 0.1
        faults[.clockJump] = 0.2
        return faults
    }()

    /// Some of the faults, more or less often: runs differ more if not each has a little of everything.
    func drawn(using random: inout SeededRandom) -> SimulatedFaults {
        var drawn = self
        for fault in SimulatedFault.allCases {
            let factors = [0, 0.5, 1, 2]
            drawn[fault] = self[fault] * factors[Int(random.next(upperBound: UInt64(factors.count)))]
        }
        return drawn
    }
}
