using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Channels.Webhook;

/// <summary>A JSON document written by the author, or a CloudEvents 1.0.2 event with the message as its text. Programs read them, so nothing is
/// split, merged or shortened.</summary>
internal sealed class WebhookMessages : IChannelMessages
{
    /// <summary>The maximum size in UTF-8 bytes, which receivers usually accept.</summary>
    public const int LimitBytes = 256 * 1024;

    private static readonly JsonFormat json = new();
    private static readonly VerbatimFormat cloudEvents = new();

    public IReadOnlyList<IMessageFormat> Formats { get; } = [json, cloudEvents];
    public IReadOnlyList<FormatLimit> Limits { get; } =
        [new(JsonFormat.FormatName, Bytes: LimitBytes, Parts: 1), new(VerbatimFormat.FormatName, Bytes: LimitBytes, Parts: 1)];

    public MessageLook Look => MessageLook.Document;
    public bool TakesMentions => false;
    public int TestBytes => 2048;

    public IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link) =>
    [
        new(WebhookChannel.Endpoint, message.Format, LimitBytes, null,
            [new(message.Format, message.Text, Encoding.UTF8.GetByteCount(message.Text), Mentions.None)]),
    ];

    public RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link) => notice.Content;

    public (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting) => null;

    public RenderedMessage List(IReadOnlyList<INotice> notices, string heading)
    {
        var first = notices[0].Content;
        return first.Format == VerbatimFormat.FormatName
            ? MergedText.All(notices, cloudEvents, LimitBytes, calls: false, this)
            : first with { Text = JsonSerializer.Serialize(new { Digest = heading, Alarms = notices.Select(Alarm.Of) }, NotifyJson.Options) };
    }

    /// <summary>An alarm in an event or in a digest.</summary>
    internal sealed record Alarm(
        string AlarmId, string Name, string Path, string Level, string State, string? Value, DateTimeOffset EventTime, string? ReplayId)
    {
        public static Alarm Of(INotice x) =>
            new(x.AlarmId, x.AlarmName, x.AlarmPath, x.Level.ToString(), x.State.ToString(), x.AlarmValue, x.EventTime, x.ReplayId);
    }
}

/// <summary>A template of a JSON document. A value within quotation marks stays within them; any other becomes a string, unless it is a number,
/// <c>true</c>, <c>false</c> or <c>null</c>.</summary>
internal sealed class JsonFormat : IMessageFormat
{
    public const string FormatName = "json";
    private static readonly SearchValues<char> numbers = SearchValues.Create("0123456789.+-eE");

    public string Name => FormatName;
    public bool TakesWordsInFront => false;
    public BilingualText Label { get; } = new("JSON template", "JSON 模板");
    public string? CallOpener => null;
    public char CallCloser => '\0';

    /// <summary>Quotation marks are counted from the beginning.</summary>
    public int FarthestLook => int.MaxValue;

    public ValuePlace PlaceOf(ReadOnlySpan<char> before, ReadOnlySpan<char> after)
    {
        var quoted = false;
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i] == '\\' && quoted) i++;
            else if (before[i] == '"') quoted = !quoted;
        }

        return quoted ? ValuePlace.Words : ValuePlace.Bare;
    }

    public void Append(StringBuilder text, string value, ValuePlace place = ValuePlace.Words, bool oneLine = false)
    {
        var escaped = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value);
        if (place != ValuePlace.Bare) text.Append(escaped);
        else if (IsLiteral(value)) text.Append(value);
        else text.Append('"').Append(escaped).Append('"');
    }

    public IEnumerable<string> CallsIn(string text) => [];

    private static bool IsLiteral(string value)
    {
        if (value is "true" or "false" or "null") return true;
        if (value.Length is 0 or > 64 || value.AsSpan().ContainsAnyExcept(numbers)) return false;
        try
        {
            using var document = JsonDocument.Parse(value);
            return document.RootElement.ValueKind == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>A text that is put into a JSON property unchanged.</summary>
internal sealed class VerbatimFormat : IMessageFormat
{
    public const string FormatName = "cloudevents";

    public string Name => FormatName;
    public BilingualText Label { get; } = new("CloudEvents", "CloudEvents");
    public string? CallOpener => null;
    public char CallCloser => '\0';

    public ValuePlace PlaceOf(ReadOnlySpan<char> before, ReadOnlySpan<char> after) => ValuePlace.Words;

    public void Append(StringBuilder text, string value, ValuePlace place = ValuePlace.Words, bool oneLine = false) =>
        text.Append(oneLine ? value.ReplaceLineEndings(" ") : value);

    public IEnumerable<string> CallsIn(string text) => [];
}
