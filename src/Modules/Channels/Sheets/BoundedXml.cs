using System.Xml;
using Notify.Kernel;

namespace Notify.Channels.Sheets;

/// <summary>
/// Reads a part of a workbook, element by element. The file's author decides what it unpacks to, so everything that could grow is limited: the size
/// of the part, the size of one step (a tag, a text), the nesting depth, and the number of names. The reader never holds more than one step.
/// </summary>
internal sealed class BoundedXml : IDisposable
{
    /// <summary>A cell has at most 32,767 characters, each up to six bytes.</summary>
    public const int MaxStepBytes = 256 * 1024;

    /// <summary>The maximum text of a cell, in characters. A longer one is neither an account nor a name; the rest is skipped.</summary>
    public const int MaxText = 256;

    private const int MaxDepth = 32;
    private const int MaxNames = 1000;
    private readonly Unpacking bytes;
    private readonly XmlReader xml;
    private readonly char[] chunk = new char[MaxText + 1];

    public BoundedXml(Stream part, UnpackBudget budget)
    {
        bytes = new Unpacking(part, budget);
        xml = XmlReader.Create(bytes, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            CloseInput = true,
            NameTable = new FewNames(),
        });
    }

    public XmlNodeType NodeType => xml.NodeType;
    public string Name => xml.LocalName;
    public bool IsEmptyElement => xml.IsEmptyElement;

    public bool Read()
    {
        bytes.BeginStep();
        if (!xml.Read()) return false;
        return xml.Depth <= MaxDepth ? true : throw CellReader.NotReadable("The workbook's elements are nested too deeply.");
    }

    /// <summary>The attribute with this local name; null if it is missing.</summary>
    public string? Attribute(string name)
    {
        if (xml.GetAttribute(name) is { } plain) return plain;
        for (var i = 0; i < xml.AttributeCount; i++)
        {
            xml.MoveToAttribute(i);
            if (xml.LocalName != name) continue;
            var value = xml.Value;
            xml.MoveToElement();
            return value;
        }

        xml.MoveToElement();
        return null;
    }

    /// <summary>The beginning of the current text.</summary>
    public ReadOnlySpan<char> Text()
    {
        var length = 0;
        // The reader throws if there is room for one character and the next takes two.
        while (length < MaxText && xml.ReadValueChunk(chunk, length, chunk.Length - length) is > 0 and var count) length += count;
        return chunk.AsSpan(0, CellReader.WholeLength(chunk.AsSpan(0, Math.Min(length, MaxText))));
    }

    public void Dispose() => xml.Dispose();

    /// <summary>Limits the names of elements and attributes, which the reader keeps for its lifetime.</summary>
    private sealed class FewNames : NameTable
    {
        private int count;

        public override string Add(char[] key, int start, int len) =>
            Get(key, start, len) ?? (++count <= MaxNames
                ? base.Add(key, start, len)
                : throw CellReader.NotReadable("The workbook has too many kinds of elements."));
    }

    private sealed class Unpacking(Stream inner, UnpackBudget budget) : Stream
    {
        private int step;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void BeginStep() => step = 0;

        public override int Read(Span<byte> buffer)
        {
            if (step > MaxStepBytes) throw CellReader.NotReadable($"A cell or a tag of the workbook has more than {MaxStepBytes / 1024} KiB.");
            var count = inner.Read(buffer);
            step += count;
            budget.Spend(count);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>The maximum size to which the parts of one workbook may unpack together.</summary>
internal sealed class UnpackBudget(long maxBytes)
{
    public long Spent { get; private set; }

    /// <exception cref="ProblemException">400: the maximum is exceeded.</exception>
    public void Spend(int bytes)
    {
        if ((Spent += bytes) > maxBytes) throw CellReader.NotReadable($"The workbook unpacks to more than {maxBytes / (1024 * 1024)} MiB.");
    }
}
