using Microsoft.AspNetCore.Http;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms;

/// <summary>What an operator does to one alarm that exists.</summary>
internal static class OperatorChange
{
    /// <returns>The alarm as it is afterwards.</returns>
    /// <exception cref="ProblemException">404, or what the alarm refuses.</exception>
    public static async Task<AlarmView> ChangeAsync(this AlarmWriter writer, string id, Func<Alarm, object> decide, HttpContext http, NpgsqlDataSource database)
    {
        if (!Alarm.IsId(id)) throw ProblemException.NotFound("alarm", id);
        await writer.WriteAsync([new AlarmCommand(id, alarm => alarm is null ? throw ProblemException.NotFound("alarm", id) : decide(alarm), http.Audit())]);
        return AlarmView.Of(await ReadAlarms.FindAsync(database, id, http.RequestAborted));
    }
}

internal static class OperatorText
{
    /// <exception cref="ProblemException">400, naming the field.</exception>
    public static void Check(string field, string text, int maxLength)
    {
        if (text.Length > maxLength) throw ProblemException.Invalid(field, $"The text has at most {maxLength} characters.");
        if (PlainText.FaultOf(text) is { } fault) throw ProblemException.Invalid(field, fault);
    }
}
