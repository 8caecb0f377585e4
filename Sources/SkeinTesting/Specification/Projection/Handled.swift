public import Testing

/// What came of handling: what is said about the read model is checked.
public struct Handled {
    /// Looks at the read model; `when` begins the headline.
    private typealias Expectation = (_ when: String, SourceLocation) async -> Void

    private let delivery: Delivery
    private var expectations: [Expectation] = []
    /// Whether something went wrong; what follows would only say so again.
    private var isBroken = false

    init(by delivery: Delivery, _ sourceLocation: SourceLocation) async {
        self.delivery = delivery
        await deliver(sourceLocation)
    }

    /// Expects a value that is read from the read model. A type that is not `Equatable` is compared part by part.
    @discardableResult
    public func leaves<Value>(
        _ expected: Value,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ read: @escaping () async throws -> Value
    ) async -> Handled {
        await expect(sourceLocation) { when, sourceLocation in
            do {
                let actual = try await read()
                guard !Likeness.holds(expected, actual) else { return }
                let difference = SideBySide("expected", [expected], "actual", [actual])
                Finding("The read model is another \(when):", difference).record(at: sourceLocation)
            } catch {
                Finding("The read model cannot be read \(when): \(error)").record(at: sourceLocation)
            }
        }
    }

    /// Expects that something holds for the read model.
    @discardableResult
    public func leaves(
        sourceLocation: SourceLocation = #_sourceLocation,
        where holds: @escaping () async throws -> Bool
    ) async -> Handled {
        await expect(sourceLocation) { when, sourceLocation in
            do {
                guard try await !holds() else { return }
                Finding("The read model is not as expected \(when).").record(at: sourceLocation)
            } catch {
                Finding("The read model cannot be read \(when): \(error)").record(at: sourceLocation)
            }
        }
    }

    /// Delivers every event a second time, in order, as after a crash, and expects what was said before to hold still.
    @discardableResult
    public func redelivered(sourceLocation: SourceLocation = #_sourceLocation) async -> Handled {
        var handled = self
        guard !isBroken else { return handled }
        await handled.deliver(sourceLocation)
        guard !handled.isBroken else { return handled }
        for expectation in expectations { await expectation("after every event came again", sourceLocation) }
        return handled
    }

    private mutating func deliver(_ sourceLocation: SourceLocation) async {
        guard let finding = await delivery.deliver() else { return }
        isBroken = true
        finding.record(at: sourceLocation)
    }

    private func expect(_ sourceLocation: SourceLocation, _ expectation: @escaping Expectation) async -> Handled {
        var handled = self
        handled.expectations.append(expectation)
        if !isBroken { await expectation("after the events", sourceLocation) }
        return handled
    }
}
