using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms;

/// <summary>A change of one existing alarm by an operator.</summary>
public sealed class OperatorChange(AlarmWriter writer, NpgsqlDataSource database, EventReader events)
{
    /// <returns>The alarm afterwards.</returns>
    /// <exception cref="ProblemException">404: the alarm does not exist; or the change was refused.</exception>
    internal async Task<AlarmView> RunAsync(string id, Func<Alarm, object> decide, AuditContext audit, CancellationToken cancellation)
    {
        if (!Alarm.IsId(id)) throw ProblemException.NotFound("alarm", id);
        // The writer decides outside this request, so the caller's paths are captured here.
        var limit = PathLimit.Current;
        await writer.WriteAsync(
        [
            new AlarmCommand(
                id, alarm => alarm is null || !limit.Allows(alarm.Facts.Path) ? throw ProblemException.NotFound("alarm", id) : decide(alarm), audit),
        ]);
        return AlarmView.Of(await ReadAlarms.FindAsync(database, events, id, cancellation));
    }

    /// <returns>The text without surrounding blanks; empty when there is none.</returns>
    /// <exception cref="ProblemException">400: the text of the named field is invalid.</exception>
    internal static string TextOf(string field, string? given, int maxLength)
    {
        var text = given?.Trim() ?? "";
        return FaultOf(text, maxLength) is { } fault ? throw ProblemException.Invalid(field, fault) : text;
    }

    /// <summary>Null when the text is valid.</summary>
    internal static string? FaultOf(string text, int maxLength) =>
        text.Length > maxLength ? $"The text has at most {maxLength} characters." : PlainText.FaultOf(text);
}
