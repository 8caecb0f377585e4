public import Foundation

/// Gives a folder of its own, and deletes it afterwards.
public func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// Gives the path of a file with this content, and deletes it afterwards.
@discardableResult
public func withFile<Value>(_ content: Data, _ body: (String) throws -> Value) throws -> Value {
    let folder = try makeFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "sales.csv")
    try content.write(to: file)
    return try body(file.path(percentEncoded: false))
}

@discardableResult
public func withFile<Value>(_ content: String, _ body: (String) throws -> Value) throws -> Value {
    try withFile(Data(content.utf8), body)
}

private func makeFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sample-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}
