using Notify.Kernel.Texts;

namespace Notify.Kernel.Reviewing;

/// <summary>An event on one line of the timeline for people.</summary>
/// <param name="Label">Two or three words.</param>
/// <param name="Texts">Plain text; whoever writes the page escapes it.</param>
public sealed record ReviewLine(ReviewTag Tag, string Label, params IReadOnlyList<ReviewText> Texts)
{
    /// <summary>What the alarm is called, where the stream does not say.</summary>
    public string? AlarmName { get; init; }
}

/// <summary>How the label is coloured.</summary>
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

    /// <summary>Parts on one line; those that are null or empty are left out.</summary>
    public static ReviewText Join(params IEnumerable<string?> parts) => new(string.Join(" · ", parts.Where(x => !string.IsNullOrEmpty(x))));
}

public enum ReviewStyle
{
    Plain,

    /// <summary>Less important.</summary>
    Quiet,

    NewLine,

    /// <summary>A text as it was sent, line by line.</summary>
    Block,
}

/// <summary>In which language a line is said, and what the review knows besides the event.</summary>
/// <param name="Summary">What the history says of the event.</param>
/// <param name="By">Who did it and why; empty when Notify itself did.</param>
public sealed record ReviewVoice(bool IsChinese, string Summary, string By, Func<DateTimeOffset, string> Time)
{
    public string Say(string english, string chinese) => IsChinese ? chinese : english;

    /// <summary>The word for what an event names by a code: a state, a level, a reason.</summary>
    public string Word(string code) => CodeWords.Of(code)?.In(IsChinese) ?? code;
}
