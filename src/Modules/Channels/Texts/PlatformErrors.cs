using System.Collections;
using Notify.Channels.Sending;
using Notify.Kernel.Texts;

namespace Notify.Channels.Texts;

/// <summary>A code of a platform: what follows from it, and what it says to people.</summary>
/// <param name="RetryAfter">The shortest wait that makes sense; null where the platform sets none.</param>
/// <param name="MostTries">Attempts at most, where the usual number is too many.</param>
public sealed record PlatformError(
    string Code, OutcomeClass Class, Explained Words, TimeSpan? RetryAfter = null, Remedy Remedy = Remedy.None, int? MostTries = null);

/// <summary>The codes of a platform that reports them in the body, whatever the HTTP status, so that its table decides.</summary>
/// <param name="lookUp">Where people find a code that the table lacks.</param>
public sealed class PlatformErrors(string lookUp) : IEnumerable<PlatformError>
{
    /// <summary>One surprise may pass; what comes twice is for somebody to look at.</summary>
    private const int UnlistedTries = 2;

    private readonly Dictionary<string, PlatformError> table = new(StringComparer.Ordinal);

    /// <param name="meaning"><c>English | 中文</c>, as <paramref name="advice"/>.</param>
    /// <param name="waitSeconds">The shortest wait that makes sense; 0: none is known.</param>
    public void Add(string[] codes, OutcomeClass outcome, string meaning, string advice, int waitSeconds = 0) =>
        Add(codes, x => new(x, outcome, WordsOf(meaning, advice), waitSeconds > 0 ? TimeSpan.FromSeconds(waitSeconds) : null));

    /// <summary>Codes by which the platform refuses the message itself.</summary>
    public void Add(string[] codes, Remedy remedy, string meaning, string advice) =>
        Add(codes, x => new(x, OutcomeClass.Message, WordsOf(meaning, advice), Remedy: remedy));

    public PlatformError For(string code) => table.GetValueOrDefault(code) ?? new(
        code, OutcomeClass.Retry,
        new(new("A code that is not known here.", "未收录的错误码。"),
            new($"Look it up at {lookUp} and correct the service.", $"请在 {lookUp} 查询，并更正通知服务。")),
        MostTries: UnlistedTries);

    /// <summary>Null for a code that says that all is well.</summary>
    public Explained? Explain(string code) => For(code) is { Class: not OutcomeClass.Ok } error ? error.Words : null;

    public IEnumerator<PlatformError> GetEnumerator() => table.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Add(string[] codes, Func<string, PlatformError> row)
    {
        foreach (var code in codes) table.Add(code, row(code));
    }

    private static Explained WordsOf(string meaning, string advice) => new(BilingualText.Parse(meaning), BilingualText.Parse(advice));
}
