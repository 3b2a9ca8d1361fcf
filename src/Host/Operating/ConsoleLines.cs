using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Host.Operating;

/// <summary>
/// Writes one line for each entry: UTC instant, level, category, trace id in brackets if it concerns a request or a message, message, fault. Only the
/// first line about a fault has its stack, and a fault that recurs is one line a minute with the count (<see cref="RepeatedFaults"/>). While the
/// database or the broker is unavailable, everything fails hundreds of times a second: such entries are one line a minute for each kind, never with a
/// stack.
/// </summary>
internal sealed class ConsoleLines(KnownSecrets secrets, TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "notify";

    /// <summary>The category of failed requests. Answers contain a trace id, so the log has a line for each, even for a known fault.</summary>
    public const string Requests = "Notify.Requests";

    /// <summary>The category of faults that end the process.</summary>
    private const string HostCategory = "Microsoft.Extensions.Hosting.Internal.Host";

    private readonly RepeatedFaults repeated = new();

    public static void AddTo(ILoggingBuilder logging, IConfiguration settings)
    {
        // This is also used before there is a host, which would register them.
        logging.Services.TryAddSingleton(settings);
        logging.AddConsoleFormatter<ConsoleLines, ConsoleFormatterOptions>();
        logging.AddConsoleFormatter<MaskedConsole, ConsoleFormatterOptions>();
        var named = settings[MaskedConsole.Setting] ?? FormatterName;
        logging.AddConsole(options => options.FormatterName = named == FormatterName ? named : MaskedConsole.FormatterName);
    }

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        // The host logs these with a stack; Program prints the message when the process ends.
        if (logEntry.Exception is StartException || Ending.SaysAddressInUse(logEntry.Exception)
            || (logEntry is { Category: HostCategory, Exception: { } last } && StartFault.TextOf(last) is not null)) return;
        var now = time.GetUtcNow();
        WriteTimes(textWriter, now, repeated.TakeOverdue(now));
        var fault = logEntry.Exception;
        var brokerIsAway = logEntry.LogLevel >= LogLevel.Warning && IsOfBroker(logEntry.Category);
        var isAway = brokerIsAway || StoreFault.IsStoreDown(fault);
        var text = OneLine(secrets.Strike(logEntry.Formatter(logEntry.State, isAway ? null : fault)));
        if (fault is not null) text += isAway ? Reason(fault, brokerIsAway) : $" {Short(fault)}";
        var leftOut = 0L;
        if (isAway || (fault is not null && logEntry.Category != Requests))
        {
            var cause = isAway ? "" : RepeatedFaults.CauseOf(fault!);
            if (!repeated.MayTell(new(logEntry.LogLevel, logEntry.Category, KindOf(logEntry.State), cause), now, text, out leftOut)) return;
            WriteTimes(textWriter, now, repeated.TakeEvicted());
        }

        WriteStart(textWriter, now, logEntry.LogLevel, logEntry.Category);
        if (Activity.Current is { } activity) textWriter.Write($" [{activity.TraceId.ToHexString()}]");
        textWriter.Write($": {text}{More(leftOut)}");
        if (fault is not null && !isAway && repeated.IsNewStack(fault, now)) textWriter.Write($" {OneLine(secrets.Strike(fault.ToString()))}");
        textWriter.WriteLine();
    }

    private static void WriteTimes(TextWriter writer, DateTimeOffset now, IReadOnlyList<(RepeatedFaults.Line Line, string Text, long Times)> faults)
    {
        foreach (var (line, text, times) in faults)
        {
            WriteStart(writer, now, line.Level, line.Category);
            writer.WriteLine($": {text}{More(times)}");
        }
    }

    private static void WriteStart(TextWriter writer, DateTimeOffset at, LogLevel level, string category)
    {
        writer.Write(at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        writer.Write(LevelOf(level));
        writer.Write(category);
    }

    private string Reason(Exception fault, bool brokerIsAway) =>
        $" ({(brokerIsAway ? "" : StoreState.Describe(fault) + " ")}{OneLine(secrets.Strike(fault.GetBaseException().Message))})";

    private string Short(Exception fault)
    {
        var cause = fault.GetBaseException();
        var text = $"{fault.GetType().Name}: {fault.Message}";
        return OneLine(secrets.Strike(ReferenceEquals(cause, fault) ? text : $"{text} ({cause.GetType().Name}: {cause.Message})"));
    }

    private static string More(long times) =>
        times == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" [… {times} more {(times == 1 ? "time" : "times")}]");

    /// <summary>Categories that report only faults of the broker.</summary>
    private static bool IsOfBroker(string category) =>
        category.StartsWith("Wolverine.RabbitMQ.", StringComparison.Ordinal) || category == "Wolverine.Persistence.Durability.DurableSendingAgent";

    /// <summary>The template of a message, so that messages that differ only in their values are of the same kind.</summary>
    private static string KindOf<TState>(TState state) =>
        (state as IReadOnlyList<KeyValuePair<string, object?>>)?.FirstOrDefault(x => x.Key == "{OriginalFormat}").Value as string ?? "";

    private static string LevelOf(LogLevel level) => level switch
    {
        LogLevel.Critical => " crit ",
        LogLevel.Error => " fail ",
        LogLevel.Warning => " warn ",
        LogLevel.Information => " info ",
        LogLevel.Debug => " dbug ",
        _ => " trce ",
    };

    /// <summary>The name of an alarm must neither add lines to the log nor move the cursor of a terminal that shows it.</summary>
    private static string OneLine(string text)
    {
        text = text.ReplaceLineEndings(" ");
        return !text.Any(char.IsControl) ? text : string.Concat(text.Select(x => char.IsControl(x) ? ' ' : x));
    }
}
