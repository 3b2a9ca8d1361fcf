using System.Buffers;

namespace Notify.Audit.Proofs.Log;

/// <summary>A growing buffer whose memory is reused after <see cref="Clear"/>.</summary>
public sealed class ByteBuffer : IBufferWriter<byte>
{
    private byte[] bytes = new byte[4096];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    public void Append(ReadOnlySpan<byte> value)
    {
        value.CopyTo(GetSpan(value.Length));
        Length += value.Length;
    }

    public void Append(byte value)
    {
        if (Length == bytes.Length) Array.Resize(ref bytes, bytes.Length * 2);
        bytes[Length++] = value;
    }

    public void AppendHex(ReadOnlySpan<byte> value)
    {
        Convert.TryToHexStringLower(value, GetSpan(value.Length * 2), out var written);
        Length += written;
    }

    public void AppendNumber(long value)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(value, GetSpan(20), out var written);
        Length += written;
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return bytes.AsSpan(Length);
    }

    private void Reserve(int more)
    {
        if (Length + more > bytes.Length) Array.Resize(ref bytes, Math.Max(bytes.Length * 2, Length + more));
    }
}
