using Notify.Kernel;

namespace Notify.Channels.Sheets;

/// <summary>
/// A row of a spreadsheet, each cell as trimmed text, cut if it is longer than any name. The list is valid until the next row is read.
/// </summary>
/// <param name="Number">The row number as in the spreadsheet, from 1; rows without any text are omitted.</param>
public readonly record struct CellRow(int Number, IReadOnlyList<string> Cells)
{
    /// <summary>Columns further to the right are not read: a list of members has about twenty columns.</summary>
    public const int MaxColumns = 256;
}

/// <summary>Determines a file's type by its content, with which its name must agree, and reads its cells.</summary>
public static class CellReader
{
    /// <param name="content">Must be seekable.</param>
    /// <param name="sheet">The name of the workbook's sheet to read; if no sheet has it, the first is read.</param>
    /// <param name="wanted">The error text if the file is neither a workbook nor a CSV file.</param>
    /// <param name="hasHeader">Whether rows contain the header. A CSV file is read with the separator that yields one.</param>
    /// <exception cref="ProblemException">400, at the latest when the rows are read.</exception>
    public static IEnumerable<CellRow> Read(
        string fileName, Stream content, string sheet, string wanted, Func<IEnumerable<CellRow>, bool> hasHeader)
    {
        Span<byte> start = stackalloc byte[4];
        start = start[..content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        content.Position = 0;
        if (start.IsEmpty) throw ProblemException.Invalid("file", "The file is empty.");
        if (start.StartsWith<byte>([0xD0, 0xCF, 0x11, 0xE0]))
            throw NotReadable("The file is an old .xls workbook, or is password-protected. Save it as .xlsx without a password.");
        var (isWorkbook, extension) = (start.StartsWith("PK"u8), Path.GetExtension(fileName).ToLowerInvariant());
        return (isWorkbook, extension) switch
        {
            (true, ".xlsx") => WorkbookCells.Read(content, sheet),
            (false, ".csv") => CsvCells.Read(content, hasHeader),
            (_, ".xlsx") => throw NotReadable("The file is named .xlsx but is not a workbook."),
            (_, ".csv") => throw NotReadable("The file is named .csv but is not text."),
            _ => throw NotReadable(wanted),
        };
    }

    /// <summary>The length of the beginning of a cut text that does not end within a character.</summary>
    internal static int WholeLength(ReadOnlySpan<char> text) => text is [.., var last] && char.IsHighSurrogate(last) ? text.Length - 1 : text.Length;

    public static ProblemException NotReadable(string detail) => ProblemException.Invalid("file", detail);
}
