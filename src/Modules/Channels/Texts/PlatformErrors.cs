using System.Collections;
using Notify.Channels.Sending;
using Notify.Kernel.Texts;

namespace Notify.Channels.Texts;

/// <summary>A platform's error code: how to proceed, and its explanation for people.</summary>
/// <param name="RetryAfter">The shortest reasonable wait; null: the caller's backoff.</param>
/// <param name="MostTries">The maximum number of attempts, if lower than usual; null: the usual.</param>
public sealed record PlatformError(
    string Code, OutcomeClass Class, Explained Words, TimeSpan? RetryAfter = null, Remedy Remedy = Remedy.None, int? MostTries = null);

/// <summary>The error codes of a platform that reports errors in the body, so that this table decides and not the HTTP status.</summary>
/// <param name="lookUp">Where people can look up a code that the table lacks.</param>
public sealed class PlatformErrors(string lookUp) : IEnumerable<PlatformError>
{
    /// <summary>An unknown code may be temporary once; if it is repeated, a person must look.</summary>
    private const int UnlistedTries = 2;

    private readonly Dictionary<string, PlatformError> table = new(StringComparer.Ordinal);

    /// <param name="meaning"><c>English | 中文</c>, like <paramref name="advice"/>.</param>
    /// <param name="waitSeconds">The shortest reasonable wait in seconds; 0: unknown.</param>
    public void Add(string[] codes, OutcomeClass outcome, string meaning, string advice, int waitSeconds = 0) =>
        Add(codes, x => new(x, outcome, WordsOf(meaning, advice), waitSeconds > 0 ? TimeSpan.FromSeconds(waitSeconds) : null));

    /// <summary>Adds codes by which the platform refuses the message itself.</summary>
    public void Add(string[] codes, Remedy remedy, string meaning, string advice) =>
        Add(codes, x => new(x, OutcomeClass.Message, WordsOf(meaning, advice), Remedy: remedy));

    public PlatformError For(string code) => table.GetValueOrDefault(code) ?? new(
        code, OutcomeClass.Retry,
        new(new("A code that is not known here.", "未收录的错误码。"),
            new($"Look it up at {lookUp} and correct the service.", $"请在 {lookUp} 查询，并更正通知服务。")),
        MostTries: UnlistedTries);

    /// <summary>Null for a code that means success.</summary>
    public Explained? Explain(string code) => For(code) is { Class: not OutcomeClass.Ok } error ? error.Words : null;

    public IEnumerator<PlatformError> GetEnumerator() => table.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Add(string[] codes, Func<string, PlatformError> row)
    {
        foreach (var code in codes) table.Add(code, row(code));
    }

    private static Explained WordsOf(string meaning, string advice) => new(BilingualText.Parse(meaning), BilingualText.Parse(advice));
}
