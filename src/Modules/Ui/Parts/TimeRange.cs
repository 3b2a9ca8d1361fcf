using System.Globalization;
using Microsoft.AspNetCore.Components;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Ui.Parts;

/// <summary>The time range of a list, as in its address: the last hours or days, or from one instant to another.</summary>
/// <param name="Last">A key of <see cref="Lengths"/>; null: <paramref name="From"/> and <paramref name="To"/> apply.</param>
/// <param name="To">Null: until now.</param>
public sealed record TimeRange(string? Last, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    public static readonly IReadOnlyList<(string Key, TimeSpan Length, BilingualText Name)> Lengths =
    [
        ("1h", TimeSpan.FromHours(1), new("Last hour", "最近 1 小时")),
        ("8h", TimeSpan.FromHours(8), new("Last 8 hours", "最近 8 小时")),
        ("24h", TimeSpan.FromHours(24), new("Last 24 hours", "最近 24 小时")),
        ("7d", TimeSpan.FromDays(7), new("Last 7 days", "最近 7 天")),
        ("30d", TimeSpan.FromDays(30), new("Last 30 days", "最近 30 天")),
        ("365d", TimeSpan.FromDays(365), new("Last year", "最近 1 年")),
    ];

    /// <param name="usual">The range if the address contains none; null: any time.</param>
    public static TimeRange Of(string? last, string? from, string? to, string? usual)
    {
        if (Instants.TryParse(from ?? "", out var start)) return new(null, start, Instants.TryParse(to ?? "", out var end) ? end : null);
        return new(Lengths.Any(x => x.Key == last) ? last : usual);
    }

    /// <summary>The start of the range; null: unlimited.</summary>
    public DateTimeOffset? Begin(DateTimeOffset now) => Last is null ? From : now - Lengths.First(x => x.Key == Last).Length;

    /// <summary>The query parameters of the address.</summary>
    public IEnumerable<(string Name, string? Value)> InAddress(string? usual) =>
        [("last", Last == usual ? null : Last), ("from", Text(From)), ("to", Text(To))];

    public static string? Text(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What a time is of that is typed.</summary>
public enum TimeKind
{
    /// <summary>A day and a time of it: an instant in the reader's time zone.</summary>
    Instant,

    Day,

    /// <summary>A time of day.</summary>
    Clock,
}

/// <summary>Times as they are typed: as everywhere in the console, whatever the browser's language, to the second.</summary>
public static class LocalInput
{
    private static readonly string[] days = ["yyyy-M-d"];
    private static readonly string[] clocks = ["H:m:s", "H:m"];
    private static readonly string[] instants = ["yyyy-M-d H:m:s", "yyyy-M-d H:m", "yyyy-M-d"];

    public static string Of(DateTimeOffset at, string? zone) =>
        LocalTimes.In(at, zone).ToString(FormatOf(TimeKind.Instant), CultureInfo.InvariantCulture);

    /// <returns>Null: it is empty, or no time.</returns>
    public static DateTimeOffset? Read(string? text, string? zone) =>
        Parse(TimeKind.Instant, text) is { } local ? LocalTimes.From(local, zone) : null;

    /// <summary>A time as it is written here, of one typed as people do: without seconds, with a T, with slashes, in full width.</summary>
    /// <returns>Null: it is empty, or no time.</returns>
    public static string? Normal(TimeKind kind, string? text) => Parse(kind, text)?.ToString(FormatOf(kind), CultureInfo.InvariantCulture);

    public static string Placeholder(TimeKind kind) => FormatOf(kind);

    private static string FormatOf(TimeKind kind) => kind switch
    {
        TimeKind.Day => "yyyy-MM-dd",
        TimeKind.Clock => "HH:mm:ss",
        _ => "yyyy-MM-dd HH:mm:ss",
    };

    private static DateTime? Parse(TimeKind kind, string? text)
    {
        var plain = string.Join(' ', Narrow(text ?? "").Replace('T', ' ').Replace('/', '-').Split(' ', StringSplitOptions.RemoveEmptyEntries));
        foreach (var format in kind switch { TimeKind.Day => days, TimeKind.Clock => clocks, _ => instants })
        {
            if (BindConverter.TryConvertToDateTime(plain, CultureInfo.InvariantCulture, format, out var local)) return local;
        }

        return null;
    }

    private static string Narrow(string text)
    {
        try
        {
            return text.Normalize(System.Text.NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // Half a character is no time either.
            return "";
        }
    }
}

/// <summary>Builds addresses of pages and of the API.</summary>
public static class Address
{
    /// <summary>At full precision; <see cref="TimeRange.Text"/> is to the second.</summary>
    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <param name="query">Parameters without a value are omitted.</param>
    public static string Of(string path, params IEnumerable<(string Name, string? Value)> query)
    {
        var given = string.Join('&', query.Where(x => !string.IsNullOrEmpty(x.Value)).Select(x => $"{x.Name}={Uri.EscapeDataString(x.Value!)}"));
        return given.Length == 0 ? path : $"{path}?{given}";
    }
}
