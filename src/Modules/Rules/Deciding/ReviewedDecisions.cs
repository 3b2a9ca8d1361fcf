using System.Globalization;
using Notify.Kernel.Reviewing;

namespace Notify.Rules.Deciding;

/// <summary>What this module's events say to a review of a period. Changes of the configuration need no description of their own.</summary>
internal static class ReviewedDecisions
{
    public static readonly ModuleReview All = new(
        "rules.", [], [ReviewedType.Of<AlarmDecided, Decided>(
        (e, _) => new ReviewFact(e.Nobody is null ? ["decisions"] : ["decisions", "nobodyToTell"]) { Alarms = [e.AlarmId] }, Line)]);

    private sealed record Decided(string AlarmId, string? Nobody);

    private static ReviewLine Line(AlarmDecided e, ReviewSubject? _, ReviewVoice say)
    {
        if (e.Nobody is not null) return new(ReviewTag.Bad, say.Say("Nobody", "无人可通知"), say.Word(e.Nobody)) { AlarmName = e.AlarmName };
        var texts = new List<ReviewText>();
        foreach (var told in e.Notifications)
        {
            if (texts.Count > 0) texts.Add("; ");
            texts.Add(string.Join(", ", told.Receivers.Select(x => x.Alias ?? x.Account)));
            if (told.Suppressed is not null) texts.AddRange([" ", ReviewText.Quiet($"({say.Word(told.Suppressed)})")]);
        }

        var configuration = e.ConfigurationVersion.ToString(CultureInfo.InvariantCulture);
        return new(ReviewTag.Decision, say.Say("Decision", "决定"),
            [.. texts, " ", ReviewText.Quiet($"{say.Say("configuration", "配置")} {configuration}")])
        { AlarmName = e.AlarmName };
    }
}
