import Skein

/// Versions of each stream are 1, 2, 3 …; positions rise without gaps; event ids are unique.
struct LogCheck {
    let allowsPositionGaps: Bool

    func check(_ run: CheckedRun, _ violations: inout [Violation]) {
        checkPositions(run, &violations)
        for (stream, places) in run.streamEvents.enumerated() {
            var version: Int64 = 0
            for place in places {
                let event = run.log[place]
                version += 1
                guard event.version != version else { continue }
                let text = "\(run.streams[stream]) has version \(event.version) where \(version) should be"
                violations.append(Violation(.versionGap, text, positions: [event.position]))
                version = event.version
            }
        }
    }

    private func checkPositions(_ run: CheckedRun, _ violations: inout [Violation]) {
        var ids: [EventID: Int64] = [:]
        ids.reserveCapacity(run.log.count)
        var last: Int64 = 0
        for event in run.log {
            let position = event.position
            if position <= last {
                let text = "position \(position) comes after \(last)"
                violations.append(Violation(.positionOrder, text, positions: [last, position]))
            } else if position > last + 1, !allowsPositionGaps {
                let text = "nothing is at the positions between \(last) and \(position)"
                violations.append(Violation(.positionGap, text, positions: [last, position]))
            }
            last = position
            if let other = ids.updateValue(position, forKey: event.id) {
                let text = "the event id \(event.id) is there twice"
                violations.append(Violation(.duplicateEventID, text, positions: [other, position]))
            }
        }
    }
}
