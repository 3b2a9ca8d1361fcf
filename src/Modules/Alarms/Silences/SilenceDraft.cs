namespace Notify.Alarms.Silences;

/// <summary>A silence in a request to Alertmanager's API.</summary>
/// <param name="Id">The silence to change; null: a new one.</param>
/// <param name="By">Empty: the caller.</param>
public sealed record SilenceDraft(
    string? Id, IReadOnlyList<SilenceMatcher> Matchers, DateTimeOffset StartsAt, DateTimeOffset EndsAt, string By, string Comment)
{
    private const int MostOfName = 200;

    /// <summary>The matchers in one line.</summary>
    public string Name
    {
        get
        {
            var text = string.Join(", ", Matchers);
            return text.Length <= MostOfName ? text : text[..(char.IsHighSurrogate(text[MostOfName - 2]) ? MostOfName - 2 : MostOfName - 1)] + "…";
        }
    }
}
