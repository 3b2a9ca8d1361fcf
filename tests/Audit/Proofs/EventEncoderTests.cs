using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events.Store;

namespace Notify.Audit.Tests.Proofs;

/// <summary>The quick way from a stored row to its leaf, and the slow one from an exported entry, must meet.</summary>
public sealed class EventEncoderTests
{
    private static readonly byte[] seed = [.. Enumerable.Range(1, 16).Select(x => (byte)x)];
    private readonly EventEncoder encoder = new();

    [Fact]
    public void an_entry_reads_as_documented()
    {
        var entry = Text(Entry(Row("""{"by": "zhangsan", "note": "", "value": 1.50}""", """{"actor-kind": "apiKey", "actor-name": "Ann"}""")));
        entry.Should().Be(
            """
            {"at":"2026-01-31T08:00:00.000001Z","id":"00112233-4455-6677-8899-aabbccddeeff","seq":7,"body":{"data":{"by":{"$personal":["SALT1","zhangsan"]},"note":"","value":1.50},"user":"key-1","headers":{"actor-kind":"apiKey","actor-name":{"$personal":["SALT2","Ann"]}},"correlation":"c-1"},"salt":"SALT0","type":"alarms.alarm_acknowledged.v1","stream":"alarm-1","version":2}
            """.Replace("SALT0", Salt(0), StringComparison.Ordinal).Replace("SALT1", Salt(1), StringComparison.Ordinal).Replace("SALT2", Salt(2), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"receivers": [{"kind": "account", "account": "a"}, {"kind": "bot", "alias": "b"}]}""", 1)]
    [InlineData("""{"accounts": [{"name": "张三", "account": "z"}], "name": "Plant"}""", 2)]
    [InlineData("""{"mentions": {"mobiles": ["138", "139"], "accounts": ["a"]}, "a": ["x"]}""", 3)]
    [InlineData("""{"a": [["x"], {"mobiles": []}, "y"], "b": {"by": "z"}}""", 1)]
    [InlineData("""{"by": {"by": 1, "x": "y"}}""", 0)]
    public void personal_texts_are_found_wherever_they_stand(string data, int count)
    {
        var found = 0;
        encoder.Salts(Row(data, null), seed, null, (_, _) => found++);
        found.Should().Be(count);
    }

    [Fact]
    public void the_leaf_of_a_row_is_the_leaf_of_its_exported_entry_whatever_is_in_it()
    {
        var random = new Random(4711);
        for (var i = 0; i < 2000; i++)
        {
            var row = Row(AsJsonb(RandomJson(random, 0)!), random.Next(3) == 0 ? null : AsJsonb(RandomJson(random, 2)!));
            var entry = Entry(row);
            using var parsed = CanonicalJson.Parse(entry);
            parsed.Should().NotBeNull(Text(entry));
            var leaf = new byte[32];
            encoder.Leaf(leaf, row, seed);
            EntryEncoding.LeafHash(parsed!.RootElement).Should().Equal(leaf, Text(entry));
        }
    }

    [Fact]
    public void erasing_any_of_its_values_or_all_of_it_keeps_the_leaf()
    {
        var row = Row("""{"by": "zhangsan", "text": "Call Ann"}""", """{"actor-name": "Ann"}""");
        var values = new List<byte[]>();
        var salts = encoder.Salts(row, seed, null, (_, json) => values.Add(json.ToArray()));
        var (before, after, body) = (new byte[32], new byte[32], new byte[32]);
        encoder.Leaf(before, row, seed);
        encoder.BodyCommitment(body, row, seed, null);
        for (var erased = 0; erased <= 3; erased++)
        {
            var commitment = new byte[32];
            if (erased == 0) commitment = body;
            else EntryEncoding.Commit(commitment, salts.AsSpan(erased * 16, 16), values[erased - 1]);
            byte[] left = [.. salts];
            left.AsSpan(erased * 16, 16).Clear();
            var redaction = new Redaction(left, new Dictionary<int, byte[]> { [erased] = commitment });
            var redacted = Row("""{"by": "[erased]", "text": "Call Ann"}""", """{"actor-name": "Ann"}""");
            encoder.Leaf(after, erased == 1 ? redacted : row, new byte[16], redaction);
            after.Should().Equal(before);
            using var entry = CanonicalJson.Parse(Entry(erased == 1 ? redacted : row, redaction));
            EntryEncoding.LeafHash(entry!.RootElement).Should().Equal(before);
        }
    }

    [Fact]
    public void a_member_that_looks_like_a_commitment_cannot_be_taken_for_one()
    {
        var entry = Text(Entry(Row("""{"labels": {"b": "x", "$commitment": "00"}}""", null)));
        entry.Should().Contain("""{"labels":{"b":"x","$$commitment":"00"}}""");
    }

    private static string Salt(int value)
    {
        var hash = new byte[32];
        Sha256.Hash(hash, seed, [0, 0, 0, (byte)value]);
        return Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }

    private ReadOnlyMemory<byte> Entry(EventRow row, Redaction? redaction = null)
    {
        var buffer = new ByteBuffer();
        encoder.Entry(buffer, row, seed, redaction);
        return buffer.Written.ToArray();
    }

    private static EventRow Row(string data, string? headers) => new()
    {
        Sequence = 7,
        Id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
        Version = 2,
        At = 1_769_846_400_000_001,
        Stream = "alarm-1"u8.ToArray(),
        Type = "alarms.alarm_acknowledged.v1"u8.ToArray(),
        User = "key-1"u8.ToArray(),
        Correlation = "c-1"u8.ToArray(),
        Headers = headers is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(headers),
        Data = Encoding.UTF8.GetBytes(data),
    };

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>As PostgreSQL writes jsonb: the canonical encoder with blanks.</summary>
    private static string AsJsonb(JsonNode node)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using var document = JsonDocument.Parse(node.ToJsonString());
        CanonicalJson.Write(buffer, document.RootElement);
        var (text, inText, result) = (Encoding.UTF8.GetString(buffer.WrittenSpan), false, new StringBuilder());
        for (var i = 0; i < text.Length; i++)
        {
            result.Append(text[i]);
            if (text[i] == '\\') result.Append(text[++i]);
            else if (text[i] == '"') inText = !inText;
            else if (!inText && text[i] is ',' or ':' && !inText) result.Append(' ');
        }

        return result.ToString();
    }

    private static readonly string[] names = ["by", "name", "accounts", "account", "mobiles", "note", "text", "$personal", "$", "x",
        "long name, with: blanks", "\"quoted\"", "中文", "requests"];
    private static readonly string[] texts = ["", "a", "a, b: c", "\"", "\\", "line\nfeed", "\u0001\u001f\u007f", "张三 😀", "$commitment", "[erased]",
        "{\"touser\":\"z\"}"];

    private static JsonNode? RandomJson(Random random, int depth) => (depth == 0 ? 0 : random.Next(depth > 5 ? 2 : 0, 7)) switch
    {
        0 => new JsonObject(names.OrderBy(_ => random.Next()).Take(random.Next(7))
            .Select(x => KeyValuePair.Create(x, RandomJson(random, depth + 1)))),
        1 => new JsonArray([.. Enumerable.Range(0, random.Next(5)).Select(_ => RandomJson(random, depth + 1))]),
        2 => JsonNode.Parse(random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture) + (random.Next(2) == 0 ? ".50" : "")),
        3 => random.Next(2) == 0,
        4 => depth == 2 ? "x" : null,
        _ => texts[random.Next(texts.Length)],
    };
}
