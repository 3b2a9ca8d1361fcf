using System.Buffers;
using System.Xml;
using Notify.Kernel;

namespace Notify.Channels.Sheets;

/// <summary>The texts that cells refer to by index. Stored contiguously; a string is made only when a cell asks for it.</summary>
internal sealed class SharedStrings
{
    public const int MaxStrings = 300_000;
    public const int MaxCharacters = 4 * 1024 * 1024;
    private readonly ArrayBufferWriter<char> texts = new();
    private readonly List<int> ends = [];

    public int Count => ends.Count;

    /// <summary>Null if there is no such text.</summary>
    public string? this[int number] =>
        number >= 0 && number < ends.Count ? new string(texts.WrittenSpan[(number == 0 ? 0 : ends[number - 1])..ends[number]]) : null;

    /// <exception cref="ProblemException">400: there are too many, or they are too long.</exception>
    public static SharedStrings Read(BoundedXml xml)
    {
        var strings = new SharedStrings();
        var (isText, isReading) = (false, false);
        while (xml.Read())
        {
            switch (xml.NodeType, xml.Name)
            {
                // Phonetic readings of Japanese texts (rPh) contain texts too, which are skipped.
                case (XmlNodeType.Element, "rPh"): isReading = !xml.IsEmptyElement; break;
                case (XmlNodeType.EndElement, "rPh"): isReading = false; break;
                case (XmlNodeType.Element, "t"): isText = !xml.IsEmptyElement && !isReading; break;
                case (XmlNodeType.EndElement, "t"): isText = false; break;
                case (XmlNodeType.EndElement, "si"): strings.End(); break;
                case (XmlNodeType.Element, "si") when xml.IsEmptyElement: strings.End(); break;
                case (XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace, _) when isText: strings.Add(xml.Text()); break;
            }
        }

        return strings;
    }

    private void Add(ReadOnlySpan<char> text)
    {
        var room = BoundedXml.MaxText - (texts.WrittenCount - (ends.Count == 0 ? 0 : ends[^1]));
        text = text[..Math.Min(room, text.Length)];
        texts.Write(text[..CellReader.WholeLength(text)]);
        if (texts.WrittenCount > MaxCharacters) throw CellReader.NotReadable($"The workbook's texts have more than {MaxCharacters} characters.");
    }

    private void End()
    {
        ends.Add(texts.WrittenCount);
        if (ends.Count > MaxStrings) throw CellReader.NotReadable($"The workbook has more than {MaxStrings} texts.");
    }
}
