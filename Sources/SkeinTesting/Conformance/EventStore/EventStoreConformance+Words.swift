import Skein
import Testing

/// The words that the cases are written in.
extension EventStoreConformance: ConformanceWords {
    /// Throws unless a call fails with this code.
    static func refuses<Value>(
        _ code: EventStoreError.Code,
        _ what: String = "",
        at location: SourceLocation = #_sourceLocation,
        _ call: () async throws -> Value
    ) async throws {
        let found = try await failure(at: location, of: call)
        try check(found, is: code, what, at: location)
    }

    /// Throws unless a call is refused for what it was given in this field.
    static func refusesInput<Value>(
        _ field: String,
        _ what: String = "",
        at location: SourceLocation = #_sourceLocation,
        _ call: () async throws -> Value
    ) async throws {
        let found = try await failure(at: location, of: call)
        guard case .invalidInput(let input) = found else {
            throw ConformanceFailure(
                "\(what.isEmpty ? "" : "\(what): ")expected invalidInput for \(field), found \(describe(found))",
                at: location
            )
        }
        try check(input.field, is: field, what, at: location)
    }

    /// The code that a call fails with; nil if it does not fail.
    static func failure<Value>(
        at location: SourceLocation = #_sourceLocation,
        of call: () async throws -> Value
    ) async throws -> EventStoreError.Code? {
        do {
            _ = try await call()
            return nil
        } catch let error as EventStoreError {
            return error.code
        } catch {
            throw ConformanceFailure("expected an EventStoreError, found \(error)", at: location)
        }
    }

    private static func describe(_ code: EventStoreError.Code?) -> String {
        code.map { "\($0)" } ?? "success"
    }
}
