using Notify.Alarms.Silences;
using Notify.Kernel;
using Npgsql;

namespace Notify.Alarms.Silencing;

/// <summary>Applies a silence that was created or changed, has ended or begins: matching alarms are shelved, and alarms that it shelved but does not
/// match are unshelved. Applying it twice changes nothing more. Alarms reported later are shelved when they are recorded (<see
/// cref="AlarmTransaction"/>).</summary>
public sealed class ApplySilence(NpgsqlDataSource database, AlarmWriter writer, TimeProvider time)
{
    private const int Batch = 500;

    public async Task RunAsync(Silence silence, AuditContext audit, CancellationToken cancellation)
    {
        var compiled = new CompiledSilence(silence);
        var ids = await AlarmTable.ShelvedByAsync(database, silence.Id, cancellation);
        if (silence.StateAt(time.GetUtcNow()) == SilenceState.Active)
            await foreach (var alarm in AlarmTable.OpenUnshelvedAsync(database, cancellation))
                if (compiled.Matches(alarm.Facts)) ids.Add(alarm.Id);
        foreach (var part in ids.Chunk(Batch))
            await writer.WriteAsync([.. part.Select(id => new AlarmCommand(id, alarm => Decide(alarm, compiled, time.GetUtcNow()), audit))]);
        await SilenceTable.DoneAsync(database, silence, silence.DueAfter(time.GetUtcNow()), cancellation);
    }

    public static object? Decide(Alarm? alarm, CompiledSilence compiled, DateTimeOffset now)
    {
        var silence = compiled.Silence;
        if (alarm is null or { IsUnreadable: true } || (alarm.Facts.Shelved && alarm.Facts.Silence?.Id != silence.Id)) return null;
        if (silence.StateAt(now) == SilenceState.Active && compiled.Matches(alarm.Facts))
        {
            return alarm.Facts.Silence == silence.ForAlarm() ? null
                : new AlarmShelved(silence.EndsAt, silence.Reason) { Silence = silence.ForAlarm() };
        }

        return alarm.Facts.Silence is null ? null : new AlarmUnshelved(TimeIsUp: alarm.ShelvedUntil <= now) { Silence = silence.Id };
    }
}
