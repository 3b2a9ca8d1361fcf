namespace Notify.Alarms.Silences;

/// <summary>What somebody wants a silence to be, as Alertmanager's API has it.</summary>
/// <param name="Id">Of the one to change; null: a new one.</param>
/// <param name="By">Empty: whoever sent it.</param>
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
