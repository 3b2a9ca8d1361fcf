using Notify.Kernel;

namespace Notify.Channels.Sheets;

/// <summary>
/// A row of a spreadsheet, each cell as trimmed text, of which what is longer than any name is cut. The list is good until the next row is read.
/// </summary>
/// <param name="Number">From 1, as the spreadsheet numbers its rows; rows without any text are ignored.</param>
public readonly record struct CellRow(int Number, IReadOnlyList<string> Cells)
{
    /// <summary>What lies further to the right is not read: a list of members has some twenty columns.</summary>
    public const int MaxColumns = 256;
}

/// <summary>Tells by a file's content what it is, and reads its cells. Its name must say the same.</summary>
public static class CellReader
{
    /// <param name="content">Can be sought in.</param>
    /// <param name="sheet">Of a workbook, the sheet that is read if there is one of this name; else it is the first.</param>
    /// <param name="wanted">What the caller is told to send when the file is neither of both.</param>
    /// <exception cref="ProblemException">400, when the rows are read at the latest.</exception>
    public static IEnumerable<CellRow> Read(string fileName, Stream content, string sheet, string wanted)
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
            (false, ".csv") => CsvCells.Read(content),
            (_, ".xlsx") => throw NotReadable("The file is named .xlsx but is not a workbook."),
            (_, ".csv") => throw NotReadable("The file is named .csv but is not text."),
            _ => throw NotReadable(wanted),
        };
    }

    public static ProblemException NotReadable(string detail) => ProblemException.Invalid("file", detail);
}
