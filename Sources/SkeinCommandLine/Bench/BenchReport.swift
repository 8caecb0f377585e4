import Foundation
import Histogram

/// Prints figures as they come, as a table for people or as a line of JSON each.
struct BenchReport: Sendable {
    let isJSON: Bool

    func begin() {
        guard !isJSON else { return }
        emit(
            "                                            figure  unit              p50       p99     p99.9   share of the limit"
        )
    }

    func announce(_ workload: Workload) {
        guard !isJSON else { return }
        emit("\n\(workload.name): \(workload.summary)")
    }

    func add(_ figure: Figure, of workload: Workload) {
        isJSON ? addJSON(figure, of: workload) : addRow(figure)
    }

    private func addRow(_ figure: Figure) {
        var row = "  " + figure.label.padded(to: 34) + Self.number(figure.value).leftPadded(to: 14) + "  "
        row += figure.unit.padded(to: 12)
        for percentile in [50, 99, 99.9] {
            let text = figure.latencies.map { Self.time($0.valueAtPercentile(percentile)) } ?? ""
            row += text.leftPadded(to: 10)
        }
        if let comparison = figure.comparison, let ratio = figure.ratio {
            row += "   \(Self.number(ratio)) of \(Self.number(comparison.value)) (\(comparison.label))"
        }
        emit(row)
    }

    private func addJSON(_ figure: Figure, of workload: Workload) {
        let record = Record(
            workload: workload.name,
            label: figure.label,
            value: figure.value,
            unit: figure.unit,
            p50Nanoseconds: figure.latencies?.valueAtPercentile(50),
            p99Nanoseconds: figure.latencies?.valueAtPercentile(99),
            p999Nanoseconds: figure.latencies?.valueAtPercentile(99.9),
            comparedWith: figure.comparison?.label,
            comparedValue: figure.comparison?.value,
            ratio: figure.ratio
        )
        guard let data = try? JSONEncoder().encode(record) else { return }
        emit(String(decoding: data, as: UTF8.self))
    }

    private func emit(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    private struct Record: Encodable {
        let workload: String
        let label: String
        let value: Double
        let unit: String
        let p50Nanoseconds: UInt64?
        let p99Nanoseconds: UInt64?
        let p999Nanoseconds: UInt64?
        let comparedWith: String?
        let comparedValue: Double?
        let ratio: Double?
    }

    /// Three digits that count, with separators between thousands.
    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        guard value >= 100 else { return value.formatted(.number.precision(.significantDigits(1...3))) }
        return Int(value).formatted(.number.grouping(.automatic))
    }

    private static func time(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case ..<10_000: "\(nanoseconds) ns"
        case ..<10_000_000: "\(nanoseconds / 1_000) µs"
        default: "\(nanoseconds / 1_000_000) ms"
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }

    fileprivate func leftPadded(to width: Int) -> String {
        String(repeating: " ", count: max(1, width - count)) + self
    }
}
