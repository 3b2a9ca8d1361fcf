using System.Text;
using Notify.Kernel;

namespace Notify.Channels.Sheets;

/// <summary>
/// Reads CSV as Excel writes it: UTF-8 with or without a byte order mark, UTF-16 with one, or GB18030 on Chinese Windows; with commas, tabs or
/// semicolons. Reads character by character and holds only one row.
/// </summary>
public static class CsvCells
{
    private static readonly Encoding gb18030 =
        CodePagesEncodingProvider.Instance.GetEncoding("GB18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    private static readonly char[] delimiters = [',', '\t', ';'];

    /// <param name="hasHeader">Whether rows contain the header.</param>
    public static IEnumerable<CellRow> Read(Stream content, Func<IEnumerable<CellRow>, bool> hasHeader)
    {
        var encoding = EncodingOf(content);
        // Neither the first lines nor the most frequent separator prove anything, since texts contain separators too; the header does.
        var counts = new int[delimiters.Length];
        using (var all = Open(content, encoding))
        {
            foreach (var block in Blocks(all))
                for (var i = 0; i < counts.Length; i++) counts[i] += block.Span.Count(delimiters[i]);
        }

        char[] likely = [.. delimiters.Index().OrderByDescending(x => counts[x.Index]).Select(x => x.Item)];
        var delimiter = likely.Where(x => HasHeader(content, encoding, x, hasHeader)).Append(likely[0]).First();
        using var text = Open(content, encoding);
        foreach (var row in Rows(text, delimiter)) yield return row;
    }

    private static bool HasHeader(Stream content, Encoding encoding, char delimiter, Func<IEnumerable<CellRow>, bool> hasHeader)
    {
        using var text = Open(content, encoding);
        try
        {
            return hasHeader(Rows(text, delimiter));
        }
        catch (ProblemException)
        {
            return false; // a quotation mark is misplaced only with this separator, or is found again with the one that is used
        }
    }

    private static IEnumerable<CellRow> Rows(StreamReader text, char delimiter)
    {
        var (cells, cell) = (new List<string>(), new StringBuilder());
        var (number, isQuoted, wasQuoted, wasReturn, column) = (1, false, false, false, 0);
        foreach (var block in Blocks(text))
        {
            for (var i = 0; i < block.Length; i++)
            {
                var c = block.Span[i];
                var isLineFeedOfReturn = wasReturn && c == '\n';
                wasReturn = false;
                if (isLineFeedOfReturn) continue;
                if (isQuoted)
                {
                    if (c == '"') (isQuoted, wasQuoted) = (false, true);
                    else Append(c);
                }
                else if (c == '"' && wasQuoted)
                {
                    Append(c);
                    (isQuoted, wasQuoted) = (true, false);
                }
                else if (c == '"' && cell.Length == 0 && !wasQuoted)
                {
                    isQuoted = true;
                }
                else if (c == delimiter || c is '\r' or '\n')
                {
                    EndCell();
                    if (c == delimiter) continue;
                    if (cells.Count > 0) yield return new CellRow(number, cells);
                    cells.Clear();
                    (column, wasReturn) = (0, c == '\r');
                    number++;
                }
                else if (wasQuoted && !char.IsWhiteSpace(c))
                {
                    throw ProblemException.Invalid("file", $"Row {number} cannot be read: misplaced quotation mark.");
                }
                else
                {
                    Append(c);
                }
            }
        }

        if (isQuoted) throw ProblemException.Invalid("file", $"Row {number} cannot be read: unclosed quotation mark.");
        EndCell();
        if (cells.Count > 0) yield return new CellRow(number, cells);

        void Append(char c)
        {
            // White space before an unquoted text is skipped.
            if (cell.Length < BoundedXml.MaxText && (cell.Length > 0 || isQuoted || !char.IsWhiteSpace(c))) cell.Append(c);
        }

        void EndCell()
        {
            wasQuoted = false;
            // The rest of the last character was cut off.
            if (cell.Length > 0 && char.IsHighSurrogate(cell[^1])) cell.Length--;
            if (++column <= CellRow.MaxColumns && cell.Length > 0 && cell.ToString().Trim() is { Length: > 0 } value)
            {
                while (cells.Count < column) cells.Add("");
                cells[column - 1] = value;
            }

            cell.Clear();
        }
    }

    /// <exception cref="ProblemException">400: it is not text, or in another encoding.</exception>
    private static IEnumerable<ReadOnlyMemory<char>> Blocks(StreamReader text)
    {
        var buffer = new char[8192];
        while (true)
        {
            int count;
            try
            {
                count = text.Read(buffer);
            }
            catch (DecoderFallbackException)
            {
                throw NoText();
            }

            if (count == 0) yield break;
            foreach (var c in buffer.AsSpan(0, count))
                if ((char.IsControl(c) && c is not ('\r' or '\n' or '\t')) || c is '\uFFFE' or '\uFFFF') throw NoText();
            yield return buffer.AsMemory(0, count);
        }
    }

    private static Encoding EncodingOf(Stream content)
    {
        Span<byte> start = stackalloc byte[3];
        start = start[..content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        return start switch
        {
            [0xFF, 0xFE, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
            [0xFE, 0xFF, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
            _ => IsUtf8(content) ? new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true) : gb18030,
        };
    }

    private static bool IsUtf8(Stream content)
    {
        using var text = Open(content, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true));
        var buffer = new char[8192];
        try
        {
            while (text.Read(buffer) > 0)
            {
                // only checks that it can be decoded
            }

            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static StreamReader Open(Stream content, Encoding encoding)
    {
        content.Position = 0;
        return new StreamReader(content, encoding, detectEncodingFromByteOrderMarks: false, bufferSize: 16 * 1024, leaveOpen: true);
    }

    private static ProblemException NoText() => CellReader.NotReadable("The file is not text in UTF-8 or GB18030.");
}
