using Notify.Kernel.Texts;

namespace Notify.Kernel.Reviewing;

/// <summary>An event on one line of the timeline.</summary>
/// <param name="Label">Two or three words.</param>
/// <param name="Texts">Plain text; whatever renders the page must escape it.</param>
public sealed record ReviewLine(ReviewTag Tag, string Label, params IReadOnlyList<ReviewText> Texts)
{
    /// <summary>The name of the alarm, if the stream does not contain it.</summary>
    public string? AlarmName { get; init; }
}

/// <summary>The colour of the label.</summary>
public enum ReviewTag
{
    Alarm,
    People,
    Decision,
    Ok,
    Bad,
    Configuration,
}

public readonly record struct ReviewText(string? Text, ReviewStyle Style = ReviewStyle.Plain)
{
    public static readonly ReviewText NewLine = new(null, ReviewStyle.NewLine);

    public static implicit operator ReviewText(string? text) => new(text);

    public static ReviewText Quiet(string? text) => new(text, ReviewStyle.Quiet);

    /// <summary>Parts on one line; null and empty ones are omitted.</summary>
    public static ReviewText Join(params IEnumerable<string?> parts) => new(string.Join(" · ", parts.Where(x => !string.IsNullOrEmpty(x))));
}

public enum ReviewStyle
{
    Plain,

    /// <summary>Less important.</summary>
    Quiet,

    NewLine,

    /// <summary>A text as it was sent, with its lines.</summary>
    Block,
}

/// <summary>The language of a line, and what the review knows in addition to the event.</summary>
/// <param name="Summary">The event's summary in the history.</param>
/// <param name="By">Who did it and why; empty for Notify itself.</param>
public sealed record ReviewVoice(bool IsChinese, string Summary, string By, Func<DateTimeOffset, string> Time)
{
    public string Say(string english, string chinese) => IsChinese ? chinese : english;

    /// <summary>The word for a code in an event: a state, a level, a reason.</summary>
    public string Word(string code) => CodeWords.Of(code)?.In(IsChinese) ?? code;
}
