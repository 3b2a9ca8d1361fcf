using System.Globalization;
using System.IO.Compression;
using System.Xml;
using MiniExcelLibs;
using Notify.Kernel;

namespace Notify.Services.AccountImport;

/// <summary>The cells of an .xlsx workbook: of the sheet that WeCom names 成员列表, or else of the first.</summary>
public static class WorkbookCells
{
    private const string Members = "成员列表";

    // A list of 20,000 members with all its columns unpacks to some 20 MB.
    private const long MaxUnpackedBytes = 64 * 1024 * 1024;
    private const int MaxParts = 1000;
    private const int MaxCells = 2_000_000;

    /// <summary>Rows are read as they are asked for; whoever wrote the file decides what they hold, so each kind of damage is the file's fault.</summary>
    public static IEnumerable<CellRow> Read(byte[] content)
    {
        Try(() => Inspect(content));
        using var stream = new MemoryStream(content, writable: false);
        var sheet = Try(() => stream.GetSheetNames() is var names && names.Contains(Members, StringComparer.Ordinal) ? Members : names[0]);
        using var rows = Try(() => stream.Query(useHeaderRow: false, sheetName: sheet, excelType: ExcelType.XLSX).GetEnumerator());
        var (number, cells) = (0, 0);
        while (Try(rows.MoveNext))
        {
            var values = ((IDictionary<string, object?>)rows.Current).Values;
            if ((cells += values.Count) > MaxCells) throw ProblemException.Invalid("file", "The sheet is too wide.");
            yield return new CellRow(++number, [.. values.Select(Text)]);
        }
    }

    /// <summary>Before anything trusts the file: how much it really unpacks to, and that it only holds values.</summary>
    private static bool Inspect(byte[] content)
    {
        using var archive = new ZipArchive(new MemoryStream(content, writable: false));
        if (archive.Entries.Count > MaxParts) throw ProblemException.Invalid("file", "The workbook has too many parts.");
        var left = MaxUnpackedBytes;
        var buffer = new byte[64 * 1024];
        foreach (var entry in archive.Entries)
        {
            using var part = entry.Open();
            while (part.Read(buffer) is > 0 and var count)
                if ((left -= count) < 0) throw ProblemException.Invalid("file", "The workbook unpacks to more than 64 MiB.");
        }

        foreach (var entry in archive.Entries.Where(x => x.FullName.StartsWith("xl/worksheets/", StringComparison.OrdinalIgnoreCase) && x.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)))
        {
            using var part = entry.Open();
            using var xml = XmlReader.Create(part, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var cell = "";
            while (xml.Read())
            {
                if (xml.NodeType != XmlNodeType.Element) continue;
                if (xml.LocalName is "dimension" or "row" or "c" && xml.GetAttribute(xml.LocalName == "dimension" ? "ref" : "r") is { } place)
                {
                    // One cell in the last corner would have all those before it made up.
                    if (!place.Split(':').All(IsNear)) throw ProblemException.Invalid("file", $"The sheet reaches to {place}; a list of members has at most {AccountSheet.MaxRows} rows and 702 columns.");
                    if (xml.LocalName == "c") cell = place;
                }

                if (xml.LocalName == "f") throw ProblemException.Invalid("file", $"Cell {cell} holds a formula. Save the workbook with values only.");
            }
        }

        return true;
    }

    /// <summary><c>B7</c>, or <c>7</c> for a row: at most to column ZZ.</summary>
    private static bool IsNear(string place)
    {
        var column = place.TakeWhile(char.IsAsciiLetter).Count();
        return column <= 2 && (column == place.Length || (int.TryParse(place.AsSpan(column), NumberStyles.None, CultureInfo.InvariantCulture, out var row) && row <= AccountSheet.MaxRows));
    }

    /// <summary>An account or a number of digits only is often a numeric cell.</summary>
    private static string Text(object? value) => value switch
    {
        null => "",
        double number when number == Math.Floor(number) && Math.Abs(number) < 1e15 => number.ToString("F0", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()?.Trim() ?? "",
    };

    private static T Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not ProblemException)
        {
            throw ProblemException.Invalid("file", "The file cannot be read as an .xlsx workbook.");
        }
    }
}
