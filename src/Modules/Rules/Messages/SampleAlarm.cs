using System.Text.Json.Nodes;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Wolverine;

namespace Notify.Rules.Messages;

/// <summary>The alarm for a preview, a test or an explanation: one in the request, an existing one, or an example.</summary>
public static class SampleAlarm
{
    /// <summary>Fills every field, so that every parameter of a message has a value, and says that nothing happened, since people will read
    /// it.</summary>
    public static AlarmFacts At(DateTimeOffset now) => new()
    {
        Name = "Sample alarm",
        Path = "Site1/Line1/Pump3",
        Type = "Limit",
        Level = AlarmLevel.High,
        State = AlarmState.ActiveUnacked,
        Value = "12.4",
        EventTime = now,
        StartTime = now.AddMinutes(-12),
        Description = "A test; nothing has happened. 这是测试，并无报警。",
        AckUser = "operator",
        Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["team"] = "ops" },
    };

    /// <param name="report">An alarm as in <c>POST /alarms</c>; null: the example.</param>
    /// <param name="now">When it is taken to be received.</param>
    /// <exception cref="ProblemException">400: the report is invalid; the fields are named under <c>alarm</c>.</exception>
    public static async Task<AlarmFacts> ReadAsync(JsonObject? report, IMessageBus bus, DateTimeOffset now, CancellationToken cancellation)
    {
        if (report is null) return At(now);
        var answer = await bus.InvokeAsync<AlarmRead>(new ReadAlarm(report, At: now), cancellation);
        if (answer.Alarm is { } alarm) return alarm;
        var errors = new Errors();
        foreach (var (field, messages) in answer.Errors)
            foreach (var message in messages) errors.Add(JsonFault.Join("alarm", field), message);
        throw ProblemException.Invalid(errors);
    }

    /// <exception cref="ProblemException">400: the alarm does not exist.</exception>
    public static async Task<AlarmFacts> LoadAsync(string alarmId, IMessageBus bus, CancellationToken cancellation) =>
        (await bus.InvokeAsync<AlarmRead>(new ReadAlarm(null, alarmId), cancellation)).Alarm
        ?? throw ProblemException.Invalid("alarmId", Ids.NoSuch("alarm", alarmId));
}
