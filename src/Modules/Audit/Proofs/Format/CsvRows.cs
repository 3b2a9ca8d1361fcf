using System.Text;
using System.Text.Json;

namespace Notify.Audit.Proofs.Format;

/// <summary>
/// The CSV form of an export, for spreadsheets: the last column of a row is a line of the NDJSON form, and the columns before it show its content.
/// They are derived from it, so what they show is proved too.
/// </summary>
public static class CsvRows
{
    public const string Header = "sequence,at,type,stream,version,actor,actorName,sourceIp,reason,correlation,causation,record\r\n";

    /// <param name="line">A line of the NDJSON form, without its line feed.</param>
    public static string Row(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 160 });
        var row = new StringBuilder();
        if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("entry", out var entry))
        {
            var body = Member(entry, "body");
            var headers = Member(body, "headers");
            foreach (var value in (JsonElement[])
                [
                    Member(entry, "seq"), Member(entry, "at"), Member(entry, "type"), Member(entry, "stream"), Member(entry, "version"),
                    Member(body, "user"),
                    Member(headers, "actor-name"), Member(headers, "source-ip"), Member(headers, "reason"), Member(body, "correlation"),
                    Member(body, "causation"),
                ])
            {
                row.Append(Quoted(Harmless(Plain(value)))).Append(',');
            }
        }
        else
        {
            row.Append(',', 11);
        }

        return row.Append(Quoted(Encoding.UTF8.GetString(line.Span))).Append("\r\n").ToString();
    }

    /// <summary>The NDJSON form of a CSV export.</summary>
    /// <exception cref="FormatException">The text is not the CSV form of an export.</exception>
    public static void ToLines(TextReader csv, Stream to)
    {
        var header = new char[Header.Length];
        if (csv.ReadBlock(header) != header.Length || new string(header) != Header) throw new FormatException(
            "The first row does not name the columns.");
        while (ReadRow(csv) is { } row)
        {
            var line = Encoding.UTF8.GetBytes(RecordOf(row));
            try
            {
                if (Row(line) != row) throw new FormatException("The columns do not match the record.");
            }
            catch (JsonException e)
            {
                throw new FormatException("The record of a row is not JSON.", e);
            }

            to.Write(line);
            to.WriteByte((byte)'\n');
        }
    }

    private static string? ReadRow(TextReader csv)
    {
        var row = new StringBuilder();
        var quoted = false;
        for (int c; (c = csv.Read()) >= 0;)
        {
            row.Append((char)c);
            if (c == '"') quoted = !quoted;
            if (c == '\n' && !quoted) return row.ToString();
        }

        return row.Length == 0 ? null : throw new FormatException("The last row has no end.");
    }

    /// <summary>The last column is always in quotation marks.</summary>
    private static string RecordOf(string row)
    {
        var (quoted, start) = (false, -1);
        for (var i = 0; i < row.Length; i++)
        {
            if (row[i] == '"') quoted = !quoted;
            else if (row[i] == ',' && !quoted) start = i + 1;
        }

        return start >= 0 && row.Length >= start + 4 && row[start] == '"' && row.EndsWith("\"\r\n", StringComparison.Ordinal)
            ? row[(start + 1)..^3].Replace("\"\"", "\"", StringComparison.Ordinal)
            : throw new FormatException("A row has no record.");
    }

    private static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object when value.TryGetProperty("$personal", out var pair) && pair.ValueKind == JsonValueKind.Array
        && pair.GetArrayLength() == 2 && pair[1].ValueKind == JsonValueKind.String => pair[1].GetString()!,
        JsonValueKind.Object when value.TryGetProperty("$commitment", out _) => "[erased]",
        _ => value.GetRawText(),
    };

    /// <summary>Prefixes a text that a spreadsheet would take for a formula.</summary>
    private static string Harmless(string text) => text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
