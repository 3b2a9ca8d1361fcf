using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Alarms.Intake;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Alarms.Reading;

/// <summary>Reads an alarm by the rules of the intake, for previews and explanations. But a refusal loses no alarm here, so an unknown field is
/// refused, as in every other request.</summary>
public static class ReadAlarmHandler
{
    private static readonly Dictionary<string, IReadOnlyList<string>> none = [];

    /// <summary>What a read gives may be sent back.</summary>
    private static readonly FrozenSet<string> passedOver = typeof(AlarmView).GetProperties()
        .Select(x => JsonNamingPolicy.CamelCase.ConvertName(x.Name)).ToFrozenSet(StringComparer.Ordinal);

    public static async Task<AlarmRead> Handle(ReadAlarm query, EventReader events, TimeProvider time, CancellationToken cancellation) =>
        query.Report is { } report ? Read(report, query.At ?? time.GetUtcNow())
        : query.AlarmId is { } id && id.StartsWith("alarm-", StringComparison.Ordinal)
            ? new AlarmRead(await LoadAsync(id, events, cancellation), none)
        : new AlarmRead(null, none);

    private static AlarmRead Read(JsonObject report, DateTimeOffset now)
    {
        var errors = new Errors();
        var shelved = report["shelved"];
        if (shelved?.GetValueKind() is not (null or JsonValueKind.True or JsonValueKind.False)) errors.Add("shelved", "Give true or false.");
        UnknownFields.Refuse(report.Select(x => x.Key).Where(x => !passedOver.Contains(x)), errors);
        var known = new JsonObject(report.Where(x => AlarmReport.IsField(x.Key)).Select(x => KeyValuePair.Create(x.Key, x.Value?.DeepClone())));
        var alarm = AlarmReport.Read(known.Deserialize<JsonElement>(), now, errors);
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
