using System.Globalization;
using Microsoft.Extensions.Configuration;
using Notify.Kernel;

namespace Notify.Audit.HistoryReviews;

/// <summary>The settings under <c>Notify:HistoryReviews</c> (docs/operations.md).</summary>
public sealed class HistoryReviewSettings
{
    private const string Section = "Notify:HistoryReviews";

    /// <exception cref="StartException">A setting is invalid.</exception>
    public HistoryReviewSettings(IConfiguration configuration)
    {
        var days = Read(configuration, "EveryDays", 0);
        Every = days == 0 ? null : TimeSpan.FromDays(days);
        Within = TimeSpan.FromDays(Read(configuration, "WithinDays", 14));
        if (configuration[$"{Section}:From"] is not { Length: > 0 } from) return;
        From = Instants.TryParse(from, out var instant) ? instant : throw new StartException($"{Section}:From is '{from}'. {Instants.Wanted}");
    }

    /// <summary>The length of the periods that must be reviewed; null: no review is required.</summary>
    public TimeSpan? Every { get; }

    /// <summary>How long after its end a period may wait for its review.</summary>
    public TimeSpan Within { get; }

    /// <summary>Entries recorded earlier need no review; null: all entries do.</summary>
    public DateTimeOffset? From { get; }

    private static int Read(IConfiguration configuration, string name, int usual)
    {
        if (configuration[$"{Section}:{name}"] is not { Length: > 0 } text) return usual;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= 366
            ? value : throw new StartException($"{Section}:{name} is '{text}'; it must be a number from 0 to 366.");
    }
}

/// <summary>A period that nobody has read.</summary>
/// <param name="DueAt">When its review is due; null: not configured.</param>
public sealed record DuePeriod(DateTimeOffset From, DateTimeOffset To, DateTimeOffset? DueAt, bool IsOverdue);

/// <summary>The periods of the history that nobody has read: the gaps between complete reviews.</summary>
public static class ReviewsDue
{
    /// <param name="begin">When the history begins.</param>
    public static IReadOnlyList<DuePeriod> Of(
        DateTimeOffset begin, IEnumerable<HistoryReviewed> reviews, HistoryReviewSettings settings, DateTimeOffset now)
    {
        if (settings.From > begin) begin = settings.From.Value;
        var due = new List<DuePeriod>();
        foreach (var (from, to) in Gaps(begin, now, reviews))
        {
            if (settings.Every is not { } every)
            {
                due.Add(new DuePeriod(from, to, null, IsOverdue: false));
                continue;
            }

            // The current period is not due yet; a gap before a reviewed period ends where that period begins.
            for (var start = from; start < to; start += every)
            {
                var end = to < now && start + every > to ? to : start + every;
                if (end <= now) due.Add(new DuePeriod(start, end, end + settings.Within, now > end + settings.Within));
            }
        }

        return due;
    }

    private static IEnumerable<(DateTimeOffset From, DateTimeOffset To)> Gaps(
        DateTimeOffset begin, DateTimeOffset now, IEnumerable<HistoryReviewed> reviews)
    {
        var reached = begin;
        foreach (var review in reviews.Where(x => x.Filter is null).OrderBy(x => x.From))
        {
            if (review.From > reached && reached < now) yield return (reached, review.From < now ? review.From : now);
            if (review.To > reached) reached = review.To;
        }

        if (reached < now) yield return (reached, now);
    }
}
