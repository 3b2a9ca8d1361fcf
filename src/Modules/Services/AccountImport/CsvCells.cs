using System.Text;
using CsvHelper;
using Notify.Kernel;

namespace Notify.Services.AccountImport;

/// <summary>CSV as Excel writes it: UTF-8 with or without a byte order mark, UTF-16 with one, or GB18030 on a Chinese Windows; with commas, tabs or semicolons.</summary>
public static class CsvCells
{
    private static readonly Encoding gb18030 =
        CodePagesEncodingProvider.Instance.GetEncoding("GB18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    private static readonly char[] delimiters = [',', '\t', ';'];

    public static IEnumerable<CellRow> Read(byte[] content)
    {
        var text = Decode(content);
        // Instructions above the header are full of commas; the first lines that split at all do not tell, the most frequent mark does.
        var delimiter = delimiters.MaxBy(x => text.Count(c => c == x));
        return Rows(text, delimiter);
    }

    private static IEnumerable<CellRow> Rows(string text, char delimiter)
    {
        var options = new CsvReaderOptions
        {
            Separator = delimiter,
            HasHeader = false,
            SkipEmptyLines = false, // they count as rows
            MaxRecordSize = 256 * 1024,
            MalformedData = CsvMalformedDataHandling.Throw,
            IncludeValuesInExceptions = false,
        };
        using var reader = CsvReader.FromText(text, options);
        for (var number = 1; Next(reader, number); number++)
        {
            var cells = new string[reader.FieldCount];
            for (var i = 0; i < cells.Length; i++) cells[i] = reader.GetString(i).Trim();
            yield return new CellRow(number, cells);
        }
    }

    private static bool Next(CsvReader reader, int number)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException)
        {
            throw ProblemException.Invalid("file", $"Row {number} cannot be read: a quotation mark stands where none may, or is never closed.");
        }
    }

    private static string Decode(byte[] content)
    {
        var text = content switch
        {
            [0xEF, 0xBB, 0xBF, .. var rest] => Try(new UTF8Encoding(false, true), rest),
            [0xFF, 0xFE, .. var rest] => Try(new UnicodeEncoding(false, false, true), rest),
            [0xFE, 0xFF, .. var rest] => Try(new UnicodeEncoding(true, false, true), rest),
            _ => Try(new UTF8Encoding(false, true), content) ?? Try(gb18030, content),
        };
        return text is not null && !text.Any(c => char.IsControl(c) && c is not ('\r' or '\n' or '\t'))
            ? text
            : throw CellReader.NotReadable("The file is no text in UTF-8 or GB18030.");
    }

    private static string? Try(Encoding encoding, byte[] content)
    {
        try
        {
            return encoding.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
