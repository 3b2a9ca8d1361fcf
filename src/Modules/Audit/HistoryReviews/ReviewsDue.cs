using System.Globalization;
using Microsoft.Extensions.Configuration;
using Notify.Kernel;

namespace Notify.Audit.HistoryReviews;

/// <summary>The settings under <c>Notify:HistoryReviews</c> (docs/operations.md).</summary>
public sealed class HistoryReviewSettings
{
    private const string Section = "Notify:HistoryReviews";

    /// <exception cref="StartException">A setting has a value that it cannot have.</exception>
    public HistoryReviewSettings(IConfiguration configuration)
    {
        var days = Read(configuration, "EveryDays", 0);
        Every = days == 0 ? null : TimeSpan.FromDays(days);
        Within = TimeSpan.FromDays(Read(configuration, "WithinDays", 14));
        if (configuration[$"{Section}:From"] is not { Length: > 0 } from) return;
        From = Instants.TryParse(from, out var instant) ? instant : throw new StartException($"{Section}:From is '{from}'. {Instants.Wanted}");
    }

    /// <summary>How long the periods are that must be read; null: nobody has to.</summary>
    public TimeSpan? Every { get; }

    /// <summary>So long after its end a period may wait.</summary>
    public TimeSpan Within { get; }

    /// <summary>What was recorded before need not be read; null: everything must.</summary>
    public DateTimeOffset? From { get; }

    private static int Read(IConfiguration configuration, string name, int usual)
    {
        if (configuration[$"{Section}:{name}"] is not { Length: > 0 } text) return usual;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= 366
            ? value : throw new StartException($"{Section}:{name} is '{text}'; it must be a number from 0 to 366.");
    }
}

/// <summary>A period that nobody has read.</summary>
/// <param name="DueAt">Until when somebody must; null: no setting says so.</param>
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

            // The current period is not due yet; a gap before a reviewed period ends with it.
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
