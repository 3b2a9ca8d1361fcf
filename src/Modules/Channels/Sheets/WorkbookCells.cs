using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;
using Notify.Kernel;

namespace Notify.Channels.Sheets;

/// <summary>
/// Reads the cells of an .xlsx workbook, of the sheet with a given name, or else of the first. Reads in one pass, row by row, within limits; the size
/// that the file states (<c>dimension</c>) is ignored.
/// </summary>
public static class WorkbookCells
{
    public const int MaxCells = 1_000_000;

    // A list of 20,000 members with all its columns unpacks to some 20 MB.
    private const long MaxUnpackedBytes = 32 * 1024 * 1024;
    private const int MaxParts = 1000;

    /// <summary>Rows are read on demand. Any damage is reported as a fault of the file, since its author decides what it
    /// contains.</summary>
    public static IEnumerable<CellRow> Read(Stream content, string name)
    {
        using var archive = Try(() => new ZipArchive(content, ZipArchiveMode.Read, leaveOpen: true));
        var budget = new UnpackBudget(MaxUnpackedBytes);
        var (sheet, texts) = Try(() => Find(archive, name, budget));
        using var xml = Try(() => new BoundedXml(sheet.Open(), budget));
        using var rows = Rows(xml, texts).GetEnumerator();
        while (Try(rows.MoveNext)) yield return rows.Current;
    }

    private static (ZipArchiveEntry Sheet, SharedStrings Texts) Find(ZipArchive archive, string wanted, UnpackBudget budget)
    {
        if (archive.Entries.Count > MaxParts) throw CellReader.NotReadable("The workbook has too many parts.");
        var (sheet, isWanted) = ((string?)null, false);
        foreach (var (name, id) in Elements("xl/workbook.xml", "sheet", x => (x.Attribute("name"), x.Attribute("id"))))
        {
            if (isWanted || (sheet is not null && name != wanted)) continue;
            (sheet, isWanted) = (id, name == wanted);
        }

        var (place, texts) = ((string?)null, (string?)null);
        const string relations = "xl/_rels/workbook.xml.rels";
        foreach (var (id, type, target) in Elements(relations, "Relationship", x => (x.Attribute("Id"), x.Attribute("Type"), x.Attribute("Target"))))
        {
            if (id == sheet) place = target;
            if (type?.EndsWith("/sharedStrings", StringComparison.Ordinal) == true) texts = target;
        }

        var part = Part(place ?? throw NoWorkbook());
        if (texts is null) return (part, new SharedStrings());
        using var xml = new BoundedXml(Part(texts).Open(), budget);
        return (part, SharedStrings.Read(xml));

        List<T> Elements<T>(string path, string name, Func<BoundedXml, T> read)
        {
            var found = new List<T>();
            using var xml = new BoundedXml((archive.GetEntry(path) ?? throw NoWorkbook()).Open(), budget);
            while (xml.Read() && found.Count < MaxParts)
                if (xml.NodeType == XmlNodeType.Element && xml.Name == name) found.Add(read(xml));
            return found;
        }

        ZipArchiveEntry Part(string target) => archive.GetEntry(target.StartsWith('/') ? target[1..] : "xl/" + target) ?? throw NoWorkbook();
    }

    private static IEnumerable<CellRow> Rows(BoundedXml xml, SharedStrings texts)
    {
        var (row, column, cells, type) = (0, 0, 0, (string?)null);
        var (value, formula) = (new StringBuilder(), new StringBuilder());
        var (target, hasFormula) = ((StringBuilder?)null, false);
        var line = new List<string>();
        while (xml.Read())
        {
            switch (xml.NodeType, xml.Name)
            {
                case (XmlNodeType.Element, "row"):
                    row = Whole(xml.Attribute("r")) is { } given && given > row ? given : row + 1;
                    column = 0;
                    line.Clear();
                    break;
                case (XmlNodeType.Element, "c"):
                    if (++cells > MaxCells) throw CellReader.NotReadable($"The sheet has more than {MaxCells} cells.");
                    column = ColumnOf(xml.Attribute("r")) ?? column + 1;
                    (type, hasFormula) = (xml.Attribute("t"), false);
                    value.Clear();
                    formula.Clear();
                    break;
                case (XmlNodeType.Element, "v" or "t"): target = xml.IsEmptyElement ? null : value; break;
                case (XmlNodeType.Element, "f"):
                    (target, hasFormula) = (xml.IsEmptyElement ? null : formula, true);
                    break;
                case (XmlNodeType.EndElement, "v" or "t" or "f"): target = null; break;
                case (XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace, _) when target?.Length < BoundedXml.MaxText:
                    target.Append(xml.Text());
                    break;
                case (XmlNodeType.EndElement, "c"):
                    var text = hasFormula ? Constant(formula.ToString()) ?? throw Formula(row, column) : Text(value.ToString(), type, texts);
                    if (text.Length == 0 || column > CellRow.MaxColumns) break;
                    while (line.Count < column) line.Add("");
                    line[column - 1] = text;
                    break;
                case (XmlNodeType.EndElement, "row") when line.Count > 0:
                    yield return new CellRow(row, line);
                    break;
            }
        }
    }

    /// <summary>Reads <c>="0012"</c>, which keeps an account from being taken for a number, as 0012; null for any other formula.</summary>
    private static string? Constant(string formula) =>
        formula is ['"', .. var text, '"'] && !text.Replace("\"\"", "", StringComparison.Ordinal).Contains('"', StringComparison.Ordinal)
            ? text.Replace("\"\"", "\"", StringComparison.Ordinal).Trim()
            : null;

    private static string Text(string value, string? type, SharedStrings texts) => type switch
    {
        "s" => Whole(value) is { } number ? texts[number]?.Trim() ?? throw NoWorkbook() : "",
        null or "n" => Number(value.Trim()),
        _ => value.Trim(),
    };

    /// <summary>An account or number that has only digits is often a numeric cell; a long one is stored with an exponent.</summary>
    private static string Number(string value) =>
        value.AsSpan().ContainsAnyExceptInRange('0', '9') && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && number == Math.Floor(number) && Math.Abs(number) < 1e15
            ? number.ToString("F0", CultureInfo.InvariantCulture)
            : value;

    private static int? Whole(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>1 for <c>A7</c>, 28 for <c>AB7</c>; null if it does not begin with letters.</summary>
    private static int? ColumnOf(string? cell)
    {
        var column = 0;
        foreach (var c in cell ?? "")
        {
            if (!char.IsAsciiLetterUpper(c)) break;
            column = (column * 26) + c - 'A' + 1;
            if (column > 1_000_000) return column;
        }

        return column > 0 ? column : null;
    }

    private static ProblemException Formula(int row, int column) =>
        CellReader.NotReadable($"The cell in row {row}, column {column} contains a formula. Save the workbook with values only.");

    private static ProblemException NoWorkbook() => CellReader.NotReadable("The file cannot be read as an .xlsx workbook.");

    private static T Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or XmlException or IOException or NotSupportedException or ArgumentException)
        {
            throw NoWorkbook();
        }
    }
}
