using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;

namespace Notify.Host.Operating;

/// <summary>
/// One line for each entry: UTC instant, level, category, trace id in brackets where it is about a request or a message, message, fault. A database or broker that is away makes everything fail at once, hundreds of times a
/// second and with the same stack: of such entries each kind is told once in <see cref="Interval"/>, without the stack, with the number left out.
/// </summary>
internal sealed class ConsoleLines(KnownSecrets secrets, TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "notify";

    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    public static void AddTo(ILoggingBuilder logging, IConfiguration settings)
    {
        logging.AddConsole(options => options.FormatterName = settings["Logging:Console:FormatterName"] ?? FormatterName);
        logging.AddConsoleFormatter<ConsoleLines, ConsoleFormatterOptions>();
    }

    private readonly ConcurrentDictionary<(string Category, string Kind), Told> told = new();

    private sealed class Told
    {
        public DateTimeOffset At { get; set; }
        public long LeftOut { get; set; }
    }

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        // The host tells of it with its stack; the process ends with its message (Program).
        if (logEntry.Exception is StartException) return;
        var now = time.GetUtcNow();
        var brokerIsAway = logEntry.LogLevel >= LogLevel.Warning && IsOfBroker(logEntry.Category);
        var isAway = brokerIsAway || ProblemResponses.IsStoreDown(logEntry.Exception);
        var leftOut = 0L;
        if (isAway && !MayTell((logEntry.Category, KindOf(logEntry.State)), now, out leftOut)) return;

        textWriter.Write(now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        textWriter.Write(LevelOf(logEntry.LogLevel));
        textWriter.Write(logEntry.Category);
        if (Activity.Current is { } activity) textWriter.Write($" [{activity.TraceId.ToHexString()}]");
        textWriter.Write(": ");
        textWriter.Write(OneLine(secrets.Strike(logEntry.Formatter(logEntry.State, isAway ? null : logEntry.Exception))));
        if (logEntry.Exception is { } e) textWriter.Write(isAway ? $" ({(brokerIsAway ? "" : StoreState.Describe(e) + " ")}{OneLine(secrets.Strike(e.GetBaseException().Message))})" : $" {OneLine(secrets.Strike(e.ToString()))}");
        if (leftOut > 0) textWriter.Write(string.Create(CultureInfo.InvariantCulture, $" [{leftOut} more like this left out]"));
        textWriter.WriteLine();
    }

    /// <summary>What sends to it and listens to it has nothing else to complain of.</summary>
    private static bool IsOfBroker(string category) =>
        category.StartsWith("Wolverine.RabbitMQ.", StringComparison.Ordinal) || category == "Wolverine.Persistence.Durability.DurableSendingAgent";

    private bool MayTell((string, string) kind, DateTimeOffset now, out long leftOut)
    {
        var entry = told.GetOrAdd(kind, _ => new Told { At = DateTimeOffset.MinValue });
        lock (entry)
        {
            leftOut = entry.LeftOut;
            if (now - entry.At < Interval)
            {
                entry.LeftOut++;
                return false;
            }

            (entry.At, entry.LeftOut) = (now, 0);
            return true;
        }
    }

    /// <summary>The template of a message, so that what differs only in its values is of one kind.</summary>
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

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
