using Notify.Kernel;

namespace Notify.Services.AccountImport;

/// <summary>A row of a spreadsheet, each cell as trimmed text.</summary>
public sealed record CellRow(int Number, IReadOnlyList<string> Cells);

/// <summary>Tells by a file's content what it is, and reads its cells. Its name must say the same.</summary>
public static class CellReader
{
    /// <exception cref="ProblemException">400, when the rows are read at the latest.</exception>
    public static IEnumerable<CellRow> Read(string fileName, byte[] content)
    {
        if (content.Length == 0) throw ProblemException.Invalid("file", "The file is empty.");
        if (content.AsSpan().StartsWith<byte>([0xD0, 0xCF, 0x11, 0xE0]))
            throw NotReadable("The file is an old .xls workbook, or is protected by a password. Save it as .xlsx without one.");
        var (isWorkbook, extension) = (content.AsSpan().StartsWith("PK"u8), Path.GetExtension(fileName).ToLowerInvariant());
        return (isWorkbook, extension) switch
        {
            (true, ".xlsx") => WorkbookCells.Read(content),
            (false, ".csv") => CsvCells.Read(content),
            (_, ".xlsx") => throw NotReadable("The file is named .xlsx and is no workbook."),
            (_, ".csv") => throw NotReadable("The file is named .csv and is no text."),
            _ => throw NotReadable("Send the .xlsx or .csv file that WeCom's admin console exports."),
        };
    }

    public static ProblemException NotReadable(string detail) => ProblemException.Invalid("file", detail);
}
