using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Delivery.Lanes;

/// <summary>How much one lane may still send, for each member. A message to everyone counts for every member. The day is that of the platform's time
/// zone; when three quarters of a daily quota are used, the rest is spread over the remaining day in merged messages.</summary>
public sealed class LanePace(LaneLimits limits)
{
    /// <summary>A day with some margin, since a daily quota may count back to its beginning.</summary>
    public static readonly TimeSpan LongestMemory = TimeSpan.FromHours(25);

    /// <summary>How far back sends count.</summary>
    public static TimeSpan MemoryOf(LaneLimits limits) => limits.PerDay > 0 ? LongestMemory : limits.PerHour > 0 ? Pace.Hour : Pace.Minute;

    private readonly Dictionary<string, MemberPace> members = new(StringComparer.Ordinal);
    private DateOnly day;
    private int personsToday;
    private DateTimeOffset last;

    public bool IsLimited => limits.Any;

    /// <summary>Counts a send by another node, or from before this process began.</summary>
    public void Restore(CountedSend send)
    {
        CountDay(send.At, send.Persons);
        foreach (var member in MembersOf([send.Member])) member.Count(send.At);
    }

    public bool AllowsOneByOne(Audience audience, int messages, DateTimeOffset now) =>
        HasDay(audience.Persons * messages, limits.PerDay / 4, now) && MembersOf(audience.Members).All(x => x.AllowsOneByOne(messages, now));

    public DateTimeOffset NextMerged(Audience audience, DateTimeOffset now) =>
        MembersOf(audience.Members).Select(x => x.NextMerged(now)).Append(NextOfDay(audience.Persons, now)).Max();

    /// <summary>When there is room for that many messages; null: now.</summary>
    public DateTimeOffset? FreeAt(Audience audience, int messages, DateTimeOffset now)
    {
        var free = MembersOf(audience.Members).Max(x => x.FreeAt(messages, now));
        return HasDay(audience.Persons, 0, now) ? free : Midnight(now);
    }

    /// <summary>How many messages may be sent now to the member with the least room.</summary>
    public int Room(DateTimeOffset now) => members.Count == 0 ? limits.PerMinute : members.Values.Min(x => x.Room(now));

    /// <summary>What is left of the daily quota, counted per recipient; null: there is no quota.</summary>
    public int? DayLeft(DateTimeOffset now)
    {
        if (limits.PerDay == 0) return null;
        BeginDay(now);
        return Math.Max(0, limits.PerDay - personsToday);
    }

    /// <returns>When each of the messages may be sent; empty: at once.</returns>
    public IReadOnlyList<DateTimeOffset> Reserve(Audience audience, int messages, DateTimeOffset now)
    {
        if (!IsLimited) return [];
        var counted = MembersOf(audience.Members).ToList();
        var times = new List<DateTimeOffset>(messages);
        for (var i = 0; i < messages; i++)
        {
            var time = counted.Max(x => x.NextFree(now));
            foreach (var member in counted) member.Count(time);
            CountDay(time, audience.Persons);
            times.Add(time);
        }

        return times;
    }

    /// <summary>The clock was set back by this much.</summary>
    public void SetBack(TimeSpan by)
    {
        foreach (var member in members.Values) member.SetBack(by);
        if (last != default) last -= by;
    }

    /// <summary>The members to whom nothing can be sent now, not even a merged message, and until when.</summary>
    public IReadOnlyList<(string Member, DateTimeOffset Until)> Full(DateTimeOffset now) =>
    [
        .. members.Where(x => !x.Value.AllowsOneByOne(1, now)).Select(x => (x.Key, Until: x.Value.NextMerged(now))).Where(x => x.Until > now),
    ];

    private IEnumerable<MemberPace> MembersOf(IReadOnlyList<string> names)
    {
        if (names.Contains(Receiver.All, StringComparer.Ordinal))
        {
            Member(Receiver.All);
            return members.Values;
        }

        return names.Select(Member);
    }

    private MemberPace Member(string name)
    {
        if (members.TryGetValue(name, out var known)) return known;
        var member = members[name] = new MemberPace(limits);
        if (members.TryGetValue(Receiver.All, out var everyone)) foreach (var time in everyone.Sent) member.Count(time);
        return member;
    }

    private bool HasDay(int persons, int kept, DateTimeOffset now)
    {
        if (limits.PerDay == 0) return true;
        BeginDay(now);
        // A message to more recipients than a whole day allows is sent at the beginning of the day.
        return personsToday == 0 || personsToday + persons + kept <= limits.PerDay;
    }

    private DateTimeOffset NextOfDay(int persons, DateTimeOffset now)
    {
        if (!HasDay(persons, 0, now)) return Midnight(now);
        if (HasDay(persons, limits.PerDay / 4, now)) return now;
        return last + ((Midnight(now) - now) * persons / (limits.PerDay - personsToday + 1));
    }

    private void CountDay(DateTimeOffset at, int persons)
    {
        if (limits.PerDay == 0) return;
        BeginDay(at);
        if (DateOf(at) != day) return;
        personsToday += persons;
        if (at > last) last = at;
    }

    private void BeginDay(DateTimeOffset now)
    {
        if (DateOf(now) > day) (day, personsToday) = (DateOf(now), 0);
    }

    private DateOnly DateOf(DateTimeOffset at) => DateOnly.FromDateTime(at.ToOffset(limits.DayOffset).DateTime);

    private DateTimeOffset Midnight(DateTimeOffset now) =>
        new DateTimeOffset(now.ToOffset(limits.DayOffset).Date.AddDays(1), limits.DayOffset).ToUniversalTime();

    private sealed class MemberPace(LaneLimits limits)
    {
        private readonly Pace minute = new(limits.PerMinute);
        private readonly Pace hour = new(limits.PerHour, Pace.Hour);

        public IEnumerable<DateTimeOffset> Sent => hour.IsLimited ? hour.Sent : minute.Sent;

        public int Room(DateTimeOffset now) => Math.Min(minute.Room(now), hour.Room(now));

        public bool AllowsOneByOne(int messages, DateTimeOffset now) => minute.AllowsOneByOne(messages, now) && hour.AllowsOneByOne(messages, now);

        public DateTimeOffset NextMerged(DateTimeOffset now) => Later(minute.NextMerged(now), hour.NextMerged(now));

        public DateTimeOffset? FreeAt(int messages, DateTimeOffset now) => (minute.FreeAt(messages, now), hour.FreeAt(messages, now)) switch
        {
            (null, var x) => x,
            (var x, null) => x,
            var (x, y) => Later(x.Value, y.Value),
        };

        public DateTimeOffset NextFree(DateTimeOffset now) => Later(minute.NextFree(now), hour.NextFree(now));

        public void Count(DateTimeOffset at)
        {
            minute.Count(at);
            hour.Count(at);
        }

        public void SetBack(TimeSpan by)
        {
            minute.SetBack(by);
            hour.SetBack(by);
        }

        private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
    }
}
