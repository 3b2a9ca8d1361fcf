using System.Globalization;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Secrets;
using Npgsql;
using Wolverine.Runtime;

namespace Notify.Operation.DeadLetters;

/// <summary>
/// Records each dead letter, and raises an alarm of Notify's own that names the alarms concerned, again with each further dead letter and on each
/// day; the alarm is cleared when none are left. Every node checks; a repeated report changes nothing. A dead letter about this alarm itself raises
/// none.
/// </summary>
public sealed class DeadLetterWatch(
    NpgsqlDataSource database, IDocumentStore store, EventBatches batches, IWolverineRuntime wolverine, KnownSecrets secrets, OwnAlarms alarms,
    TimeProvider time, ILogger<DeadLetterWatch> logger)
    : Worker("Dead letters", logger, startsAfter: rest)
{
    public const string FoundEvent = "audit.dead_letter_found.v1";

    private const string Name = "Internal messages failed / 内部消息处理失败";
    private const string Path = Letter.OwnPath + "/Dead letters";
    private const string SourceId = "notify/operation/dead-letters";
    private const int MostNamed = 20;

    private static readonly TimeSpan rest = TimeSpan.FromSeconds(3);
    private string? seen;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        var now = await LookAsync(cancellation);
        if (now == seen) return rest;
        var letters = await Letter.ReadAllAsync(wolverine.Storage.DeadLetters, database, secrets, cancellation);
        await RecordAsync(letters, cancellation);
        await TellAsync(letters);
        seen = now;
        return rest;
    }

    /// <summary>A text that changes when the dead letters change, and every day.</summary>
    private async Task<string> LookAsync(CancellationToken cancellation)
    {
        var lies = await MessageTables.MarkOfPutAsideAsync(database, cancellation);
        return string.Create(CultureInfo.InvariantCulture, $"{lies} {time.GetUtcNow().UtcDateTime:yyyy-MM-dd}");
    }

    private async Task RecordAsync(List<Letter> letters, CancellationToken cancellation)
    {
        if (letters.Count == 0) return;
        var last = await Streams.LastAsync(database, [.. letters.Select(x => x.Stream)], cancellation);
        foreach (var letter in letters.Where(x => last.GetValueOrDefault(x.Stream).Type != FoundEvent))
        {
            try
            {
                await using var session = store.LightweightSession();
                var events = batches.New();
                events.Append(letter.Stream, last.GetValueOrDefault(letter.Stream).Version + 1, new DeadLetterFound(
                    letter.Id, letter.Envelope.MessageType, letter.Envelope.ExceptionType, letter.Detail, letter.Alarms, letter.Undecided.Count,
                    [.. letter.Notifications.Select(x => string.Join(", ", x.Receivers.Select(r => r?.Alias ?? r?.Account)))]),
                    AuditContext.OfSystem(Ids.NewGuid(time.GetUtcNow()).ToString("N")));
                events.QueueTo(session);
                await session.SaveChangesAsync(cancellation);
            }
            catch (Exception e) when (StoreFault.IsOfOne(e))
            {
                if (!WriteConflict.Is(e)) Logger.LogError(e, "Recording dead letter {Message} failed", letter.Id);
            }
        }
    }

    private async Task TellAsync(List<Letter> letters)
    {
        var others = letters.FindAll(x => !x.IsOwn);
        // The alarm stays active while any dead letter exists; those about this alarm itself raise nothing.
        if (others.Count == 0 && letters.Count > 0) return;
        var active = others.Count > 0 ? Describe(others) : null;
        var alarm = new RaiseAlarm(
            SourceId, Name, Path, AlarmLevel.Critical, active is null ? AlarmState.ClearedUnacked : AlarmState.ActiveUnacked,
            active ?? "所有处理失败的内部消息均已解决。\nNo dead letter is left.");
        await alarms.TellAsync(SourceId, active, alarm);
    }

    private static string Describe(List<Letter> letters)
    {
        var alarms = letters.SelectMany(x => x.Alarms).Distinct().ToList();
        var named = string.Join("; ", alarms.Take(MostNamed).Select(x => x.AlarmPath.Length == 0 ? x.AlarmName : $"{x.AlarmPath}/{x.AlarmName}"));
        if (alarms.Count > MostNamed) named = string.Create(CultureInfo.InvariantCulture, $"{named}; … ({alarms.Count})");
        var last = letters[^1];
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {letters.Count} 条内部消息多次处理失败；相关报警可能未通知任何人：{(alarms.Count == 0 ? "无" : named)}。处理：查明原因后在 /api/v1/operation/dead-letters 重新处理。
            {letters.Count} internal messages failed after all retries (dead letters). People may not have been notified of these alarms: {(alarms.Count == 0 ? "none" : named)}. What to do: fix the cause, then replay the dead letters (POST /api/v1/operation/dead-letters/replay).
            原因 Reason: {last.Envelope.ExceptionType}: {last.Detail}
            """);
        return text.Length <= 3900 ? text : text[..3900] + " …";
    }
}
