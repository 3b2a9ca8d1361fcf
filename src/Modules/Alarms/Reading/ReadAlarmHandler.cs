using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Alarms.Intake;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Alarms.Reading;

/// <summary>Reads an alarm by the rules of the intake, for previews and explanations.</summary>
public static class ReadAlarmHandler
{
    private static readonly Dictionary<string, IReadOnlyList<string>> none = [];

    public static async Task<AlarmRead> Handle(ReadAlarm query, EventReader events, TimeProvider time, CancellationToken cancellation) =>
        query.Report is { } report ? Read(report, time.GetUtcNow())
        : query.AlarmId is { } id && id.StartsWith("alarm-", StringComparison.Ordinal)
            ? new AlarmRead(await LoadAsync(id, events, cancellation), none)
        : new AlarmRead(null, none);

    private static AlarmRead Read(JsonObject report, DateTimeOffset now)
    {
        var errors = new Errors();
        var shelved = report["shelved"];
        if (shelved?.GetValueKind() is not (null or JsonValueKind.True or JsonValueKind.False)) errors.Add("shelved", "Give true or false.");
        var alarm = AlarmReport.Read(report.Deserialize<JsonElement>(), now, errors);
        return alarm is null || errors.Any
            ? new AlarmRead(null, errors.ToDictionary().ToDictionary(x => x.Key, x => (IReadOnlyList<string>)x.Value, StringComparer.Ordinal))
            : new AlarmRead(Alarm.FactsOf(alarm.Report) with { Shelved = shelved?.GetValue<bool>() == true }, none);
    }

    private static async Task<AlarmFacts?> LoadAsync(string id, EventReader events, CancellationToken cancellation)
    {
        Alarm? alarm = null;
        foreach (var e in await events.ReadAsync([id], cancellation)) alarm = Alarm.Apply(alarm, id, e.Data);
        return alarm is not null && PathLimit.Current.Allows(alarm.Facts.Path) ? alarm.Facts : null;
    }
}
