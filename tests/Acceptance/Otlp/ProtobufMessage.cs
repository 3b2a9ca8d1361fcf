using System.Text;

namespace Notify.Acceptance.Tests.Otlp;

/// <summary>As much of the wire format as it takes to find fields that have a length: texts, bytes and messages in messages.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Field, byte[] Value)> fields = [];

    public ProtobufMessage(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var tag = Varint(bytes, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(bytes, ref at);
                    break;
                case 1:
                    at += sizeof(ulong);
                    break;
                case 2:
                    var length = (int)Varint(bytes, ref at);
                    fields.Add(((int)(tag >> 3), bytes[at..(at + length)]));
                    at += length;
                    break;
                case 5:
                    at += sizeof(uint);
                    break;
                default:
                    throw new InvalidDataException($"A field has the wire type {tag & 7}.");
            }
        }
    }

    public IEnumerable<byte[]> Fields(int field) => fields.Where(x => x.Field == field).Select(x => x.Value);

    public IEnumerable<ProtobufMessage> Messages(int field) => Fields(field).Select(x => new ProtobufMessage(x));

    public string Text(int field) => Encoding.UTF8.GetString([.. Fields(field).SelectMany(x => x)]);

    private static ulong Varint(byte[] bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}
