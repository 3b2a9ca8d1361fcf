using System.Text.Json;

namespace Notify.Audit.Replays.Review;

/// <summary>An event as it is in the store. Its data is handed on as it is: the review shows the record, not an opinion of it.</summary>
public sealed record ReviewEvent(
    long Sequence, Guid Id, string StreamId, long Version, string Type, DateTimeOffset At, string? UserName, string? Headers, string? CorrelationId, string? CausationId,
    byte[] Data) : IDisposable
{
    private JsonDocument? parsed;

    public JsonElement Json => (parsed ??= JsonDocument.Parse(Data)).RootElement;

    public string? Text(string name) => Json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
        : null;

    public bool IsAbout(string kind) => StreamId.StartsWith(kind, StringComparison.Ordinal) && StreamId.Length > kind.Length && StreamId[kind.Length] == '-';

    public bool IsConfiguration => IsAbout("rule") || IsAbout("schedule") || IsAbout("message") || IsAbout("service");

    public void Dispose() => parsed?.Dispose();
}

/// <summary>What an event about an alarm or a notification does not say itself: which alarm, and to whom.</summary>
/// <param name="IsOfPeriod">Whether it began in the period.</param>
public sealed record ReviewSubject(string AlarmId, string AlarmName, string AlarmPath, IReadOnlyList<string>? Names = null, bool IsOfPeriod = false)
{
    public string? Receivers => Names is null ? null : string.Join(", ", Names);
}
