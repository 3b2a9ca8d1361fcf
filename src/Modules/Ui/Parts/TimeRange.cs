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

/// <summary>Converts the values of inputs of the type datetime-local: a time in the reader's time zone, to the second.</summary>
public static class LocalInput
{
    public static string Of(DateTimeOffset at, string? zone) =>
        LocalTimes.In(at, zone).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);

    /// <returns>Null: the input is empty or invalid.</returns>
    public static DateTimeOffset? Read(ChangeEventArgs e, string? zone) =>
        BindConverter.TryConvertToDateTime(e.Value, CultureInfo.InvariantCulture, out var local) ? LocalTimes.From(local, zone) : null;
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
