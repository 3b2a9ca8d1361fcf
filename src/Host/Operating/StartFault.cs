using Microsoft.Extensions.Options;
using Notify.Host.Postgres;
using Notify.Kernel;

namespace Notify.Host.Operating;

/// <summary>Faults at the start that the operator can mend. They are printed as a sentence; a stack trace would hide it.</summary>
internal static class StartFault
{
    /// <summary>Throws this for a value that is no number, say, in any setting that Notify does not check itself.</summary>
    private const string Binder = "Microsoft.Extensions.Configuration.Binder";

    /// <returns>What to print; null: the fault is not the operator's.</returns>
    public static string? TextOf(Exception e) => e switch
    {
        EmbeddedPostgresException or StartException or OptionsValidationException => e.Message,
        InvalidOperationException { Source: Binder } => e.Message,
        // Several settings at once.
        AggregateException { InnerExceptions: { Count: > 0 } all } => all.Select(TextOf).ToList() is var texts && texts.TrueForAll(x => x is not null)
            ? string.Join(Environment.NewLine, texts) : null,
        _ => null,
    };
}
