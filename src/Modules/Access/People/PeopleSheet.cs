using System.Text;
using System.Text.Json.Nodes;
using Notify.Channels.Sheets;
using Notify.Kernel;

namespace Notify.Access.People;

/// <summary>People as rows of a spreadsheet: CSV or .xlsx, with a header that names the columns in English or Chinese.</summary>
internal static class PeopleSheet
{
    public const int MaxRows = 5000;
    private const int HeaderWithin = 20;
    private static readonly string[] lists = ["roles", "paths"];
    private static readonly char[] between = [';', '；', '|', '\n'];

    /// <param name="Number">The number of the row in the spreadsheet.</param>
    /// <param name="Fields">The content of the cells by field; empty cells are absent.</param>
    public sealed record Row(int Number, IReadOnlyDictionary<string, string> Fields)
    {
        public string UserName => Fields.GetValueOrDefault("userName", "");

        /// <summary>Sets the fields of a request body.</summary>
        public void ApplyTo(JsonObject body)
        {
            foreach (var (field, text) in Fields)
            {
                body[field] = !lists.Contains(field) ? text
                    : new JsonArray([.. text.Split(between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                        .Select(x => JsonValue.Create(x))]);
            }
        }
    }

    /// <exception cref="ProblemException">400: the file is not readable, has no header, or has too many rows.</exception>
    public static List<Row> Read(string fileName, Stream content)
    {
        List<string?>? columns = null;
        var rows = new List<Row>();
        foreach (var (number, cells) in CellReader.Read(fileName, content, "people", "Send a .csv or .xlsx file.", HasHeader))
        {
            if (columns is null)
            {
                var fields = cells.Select(FieldOf).ToList();
                if (fields.Contains("userName")) columns = fields;
                else if (number >= HeaderWithin) break;
                continue;
            }

            if (rows.Count >= MaxRows) throw ProblemException.Invalid("file", $"The file has more than {MaxRows} rows.");
            var given = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var i = 0; i < Math.Min(columns.Count, cells.Count); i++)
                if (columns[i] is { } field && Plain(cells[i]) is { Length: > 0 } text) given[field] = text;
            if (given.Count > 0) rows.Add(new Row(number, given));
        }

        return columns is not null ? rows : throw ProblemException.Invalid(
            "file", $"None of the first {HeaderWithin} rows is a header with userName (用户名).");
    }

    private static bool HasHeader(IEnumerable<CellRow> rows) =>
        rows.TakeWhile(x => x.Number <= HeaderWithin).Any(x => x.Cells.Select(FieldOf).Contains("userName"));

    /// <summary>Writes what <see cref="Read"/> reads. What a spreadsheet would evaluate is written as a text (<c>="+86…"</c>).</summary>
    public static string Write(IEnumerable<JsonObject> people)
    {
        var text = new StringBuilder("\ufeff").AppendJoin(',', UserInput.Columns.Select(x => x.Field)).Append("\r\n");
        foreach (var person in people)
            text.AppendJoin(',', UserInput.Columns.Select(x => Cell(person[x.Field]))).Append("\r\n");
        return text.ToString();
    }

    private static string? FieldOf(string header)
    {
        var plain = string.Concat(header.Normalize(NormalizationForm.FormKC).Where(c => !char.IsWhiteSpace(c) && c != '*'));
        return UserInput.Columns.FirstOrDefault(x => x.Field.Equals(plain, StringComparison.OrdinalIgnoreCase)
            || x.Headers.Contains(plain, StringComparer.OrdinalIgnoreCase)).Field;
    }

    private static string Cell(JsonNode? value)
    {
        var text = value switch
        {
            null => "",
            JsonArray items => string.Join(';', items.Select(x => x!.ToString())),
            _ => value.ToString(),
        };
        if (text is ['=' or '+' or '-' or '@', ..]) text = $"=\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Plain(string cell) => cell switch
    {
        ['=', '"', .. var text, '"'] => text.Replace("\"\"", "\"", StringComparison.Ordinal).Trim(),
        _ => cell.Trim(),
    };
}
