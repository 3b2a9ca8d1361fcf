namespace Notify.Kernel;

/// <summary>
/// The only parser of instants, for all inputs: RFC 3339, with offset, since anything without one would be a guess; with any number of fractional
/// digits, since Go and Java write nine. Instants are kept in UTC, to the microsecond, as in the store.
/// </summary>
public static class Instants
{
    /// <summary>The text about an invalid instant.</summary>
    public const string Wanted = "Give an RFC 3339 instant with offset, such as 2026-01-31T08:00:00Z.";

    private const int OffsetLength = 6; // +08:00

    /// <summary>Further digits are truncated, not rounded, so that an instant never moves into the future.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset value)
    {
        var found = TryParseFine(text, out value);
        value = Cut(value);
        return found;
    }

    /// <summary>Truncates to the microsecond, the store's precision.</summary>
    public static DateTimeOffset Cut(DateTimeOffset instant) => instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerMicrosecond));

    /// <summary>Subtracts a duration from an instant given by a caller, without underflow.</summary>
    public static DateTimeOffset Before(DateTimeOffset instant, TimeSpan by) =>
        instant - DateTimeOffset.MinValue < by ? DateTimeOffset.MinValue : instant - by;

    /// <summary>Whether a period has passed since an instant that this process has noted. If the clock was set back by more than that, nobody knows;
    /// then it counts as passed, since waiting until the clock gets there again could take hours. By less, it may take twice as long: clocks are
    /// corrected a little all the time, and threads read them in another order than they come here.</summary>
    public static bool HasPassed(TimeSpan period, DateTimeOffset since, DateTimeOffset now) => (now - since).Duration() >= period;

    /// <summary>Whether a wait that was at most this long is over, by the same rule.</summary>
    public static bool IsOver(DateTimeOffset end, TimeSpan longest, DateTimeOffset now) => now >= end || end - now > 2 * longest;

    /// <summary>Like <see cref="TryParse"/>, but to 100 nanoseconds, the precision of .NET's clock: for instants written by Notify.</summary>
    public static bool TryParseFine(ReadOnlySpan<char> text, out DateTimeOffset value)
    {
        value = default;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't') || text[13] != ':' || text[16] != ':') return false;
        if (!Number(text[..4], 9999, out var year) || !Number(text[5..7], 12, out var month) || !Number(text[8..10], 31, out var day)) return false;
        if (!Number(text[11..13], 23, out var hour) || !Number(text[14..16], 59, out var minute)
            || !Number(text[17..19], 60, out var second)) return false;
        if (year == 0 || month == 0 || day == 0 || day > DateTime.DaysInMonth(year, month)) return false;
        var rest = text[19..];
        if (!Fraction(ref rest, out var fraction) || !Offset(rest, out var offset)) return false;
        var minuteTicks = new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks - offset;
        // A leap second ends a day in UTC; here it is the following second, as in all clocks that count 86,400 seconds a day.
        if (second == 60 && (minuteTicks + TimeSpan.TicksPerMinute) % TimeSpan.TicksPerDay != 0) return false;
        var ticks = minuteTicks + (second * TimeSpan.TicksPerSecond) + fraction;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks) return false;
        value = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    private static bool Fraction(ref ReadOnlySpan<char> rest, out long ticks)
    {
        ticks = 0;
        if (rest is not ['.', ..]) return true;
        var digits = 0;
        var unit = TimeSpan.TicksPerSecond;
        while (digits + 1 < rest.Length && char.IsAsciiDigit(rest[digits + 1]))
        {
            unit /= 10;
            ticks += (rest[++digits] - '0') * unit;
        }

        rest = rest[(digits + 1)..];
        return digits > 0;
    }

    private static bool Offset(ReadOnlySpan<char> text, out long ticks)
    {
        ticks = 0;
        if (text is "Z" or "z") return true;
        if (text.Length != OffsetLength || text[0] is not ('+' or '-') || text[3] != ':' || !Number(text[1..3], 23, out var hours)
            || !Number(text[4..6], 59, out var minutes)) return false;
        ticks = (hours * TimeSpan.TicksPerHour) + (minutes * TimeSpan.TicksPerMinute);
        if (text[0] == '-') ticks = -ticks;
        return true;
    }

    private static bool Number(ReadOnlySpan<char> digits, int max, out int value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit)) return false;
            value = (value * 10) + (digit - '0');
        }

        return value <= max;
    }
}
