import Foundation
import Testing

/// Holds the code in the README and in the guides against code that is compiled: every Swift block stands, line by line
/// and apart from its indentation, in a file of this target.
@Suite struct CodeBlockTests {
    @Test(arguments: pages) func `every Swift block of a page is compiled`(page: URL) throws {
        for block in try Self.swiftBlocks(of: page) {
            #expect(
                try Self.compiled.contains { $0.holds(block) },
                "This block of \(page.lastPathComponent) stands in no file of DocumentationTests:\n\(block.joined(separator: "\n"))"
            )
        }
    }

    @Test func `the pages with code are found, and a block that is nowhere is not`() throws {
        let readme = try #require(Self.pages.first { $0.lastPathComponent == "README.md" })
        #expect(try Self.swiftBlocks(of: readme).count >= 4)
        #expect(try !Self.compiled.contains { $0.holds(["let this = \"is\" + \"nowhere\" + String(4711)", "}"]) })
    }

    @Test func `the README is no longer than 150 lines`() throws {
        let readme = try #require(Self.pages.first { $0.lastPathComponent == "README.md" })
        #expect(
            try String(contentsOf: readme, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
                .count <= 150
        )
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let pages: [URL] = {
        let documentation = FileManager.default.enumerator(
            at: root.appending(path: "Documentation"),
            includingPropertiesForKeys: nil
        )
        let guides = documentation?.compactMap { $0 as? URL }.filter { $0.pathExtension == "md" } ?? []
        return [root.appending(path: "README.md")] + guides.sorted { $0.path < $1.path }
    }()

    private static var compiled: [SourceFile] {
        get throws {
            let folder = root.appending(path: "Tests/DocumentationTests")
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "swift" && $0.lastPathComponent != "CodeBlockTests.swift" }
                .map { SourceFile(lines: lines(of: try String(contentsOf: $0, encoding: .utf8))) }
        }
    }

    private static func swiftBlocks(of page: URL) throws -> [[String]] {
        var blocks: [[String]] = []
        var block: [String]?
        for line in try String(contentsOf: page, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        ) {
            if line == "```swift" {
                block = []
            } else if line == "```", let ended = block {
                blocks.append(lines(of: ended.joined(separator: "\n")))
                block = nil
            } else {
                block?.append(String(line))
            }
        }
        return blocks
    }

    /// The lines that hold something, without their indentation.
    private static func lines(of text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}

private struct SourceFile {
    let lines: [String]

    /// Whether the block stands here in one piece.
    func holds(_ block: [String]) -> Bool {
        guard let first = block.first, block.count <= lines.count else { return false }
        return lines.indices.contains { start in
            lines[start] == first && lines[start...].prefix(block.count).elementsEqual(block)
        }
    }
}
