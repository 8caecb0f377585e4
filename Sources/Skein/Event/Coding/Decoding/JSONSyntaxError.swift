/// What makes bytes no JSON, and where. It never holds the bytes themselves.
struct JSONSyntaxError: Error, Hashable {
    let reason: String
    /// The number of bytes before the place.
    let offset: Int

    var decodingError: DecodingError {
        let description = "The bytes are not JSON: \(reason) (byte \(offset))."
        let context = DecodingError.Context(codingPath: [], debugDescription: description, underlyingError: self)
        return .dataCorrupted(context)
    }
}
