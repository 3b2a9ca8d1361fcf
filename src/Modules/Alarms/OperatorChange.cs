using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms;

/// <summary>What an operator does to one alarm that exists.</summary>
public sealed class OperatorChange(AlarmWriter writer, NpgsqlDataSource database, EventReader events)
{
    /// <returns>The alarm as it is afterwards.</returns>
    /// <exception cref="ProblemException">404, or what the alarm refuses.</exception>
    internal async Task<AlarmView> RunAsync(string id, Func<Alarm, object> decide, AuditContext audit, CancellationToken cancellation)
    {
        if (!Alarm.IsId(id)) throw ProblemException.NotFound("alarm", id);
        // Decided by the writer, outside this request.
        var limit = PathLimit.Current;
        await writer.WriteAsync(
        [
            new AlarmCommand(
                id, alarm => alarm is null || !limit.Allows(alarm.Facts.Path) ? throw ProblemException.NotFound("alarm", id) : decide(alarm), audit),
        ]);
        return AlarmView.Of(await ReadAlarms.FindAsync(database, events, id, cancellation));
    }

    /// <returns>Without blanks around it; empty when there is none.</returns>
    /// <exception cref="ProblemException">400, naming the field.</exception>
    internal static string TextOf(string field, string? given, int maxLength)
    {
        var text = given?.Trim() ?? "";
        return FaultOf(text, maxLength) is { } fault ? throw ProblemException.Invalid(field, fault) : text;
    }

    /// <summary>Null when the text may be kept.</summary>
    internal static string? FaultOf(string text, int maxLength) =>
        text.Length > maxLength ? $"The text has at most {maxLength} characters." : PlainText.FaultOf(text);
}
