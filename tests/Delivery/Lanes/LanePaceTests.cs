using Notify.Channels.Sending;
using Notify.Delivery.Lanes;

namespace Notify.Delivery.Tests.Lanes;

public sealed class LanePaceTests
{
    private static readonly DateTimeOffset start = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);
    private static readonly string[] people = ["a", "b", "c", "@all"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void no_member_ever_gets_more_in_a_minute_or_an_hour_than_the_limits(int seed)
    {
        var random = new Random(seed);
        var limits = new LaneLimits(random.Next(1, 10), random.Next(10, 40), 0);
        var pace = new LanePace(limits);
        var (now, sends) = (start, new List<CountedSend>());
        for (var step = 0; step < 1500; step++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(20) == 0 ? random.Next(600_000) : random.Next(20_000));
            if (random.Next(100) == 0) pace = Restarted(limits, sends, now);
            var audience = Of([.. people.Where(_ => random.Next(3) == 0).DefaultIfEmpty("a")]);
            var messages = random.Next(10) == 0 ? random.Next(1, 15) : 1;
            var leaves = random.Next(3) switch
            {
                0 => pace.AllowsOneByOne(audience, messages, now),
                1 => pace.FreeAt(audience, messages, now) is null,
                _ => pace.NextMerged(audience, now) <= now && (messages = 1) == 1,
            };
            if (leaves) sends.AddRange(CountedSends.Of("lane", audience, pace.Reserve(audience, messages, now)));
        }

        foreach (var person in people.SkipLast(1))
        {
            var seen = sends.Where(x => x.Member == person || x.Member == "@all").Select(x => x.At).Order().ToList();
            seen.Should().HaveCountGreaterThan(limits.PerHour);
            Keeps(seen, limits.PerMinute, TimeSpan.FromMinutes(1));
            Keeps(seen, limits.PerHour, TimeSpan.FromHours(1));
        }
    }

    [Fact]
    public void a_member_who_is_full_does_not_hold_up_the_others()
    {
        var pace = new LanePace(new(4, 0, 0));
        pace.Reserve(Of("a"), 4, start);
        pace.AllowsOneByOne(Of("a"), 1, start).Should().BeFalse();
        pace.AllowsOneByOne(Of("b"), 1, start).Should().BeTrue();
        pace.Full(start).Should().ContainSingle().Which.Member.Should().Be("a");
        pace.Full(start + TimeSpan.FromSeconds(62)).Should().BeEmpty();
    }

    [Fact]
    public void a_days_quota_is_never_exceeded_is_spread_when_it_runs_out_and_begins_again_at_chinas_midnight()
    {
        var pace = new LanePace(new(0, 0, 100) { DayOffset = TimeSpan.FromHours(8) });
        var (now, sent) = (start, 0);
        for (; pace.AllowsOneByOne(Of("a", "b"), 1, now); sent += 2) pace.Reserve(Of("a", "b"), 1, now);
        sent.Should().BeInRange(74, 76, "a quarter is kept for merged messages");

        var merged = new List<DateTimeOffset>();
        var midnight = new DateTimeOffset(2026, 9, 30, 16, 0, 0, TimeSpan.Zero);
        for (; now < midnight; now += TimeSpan.FromMinutes(1))
        {
            if (pace.NextMerged(Of("a"), now) > now) continue;
            pace.Reserve(Of("a"), 1, now);
            merged.Add(now);
        }

        pace.DayLeft(now - TimeSpan.FromMinutes(1)).Should().Be(100 - sent - merged.Count);
        pace.DayLeft(midnight).Should().Be(100);
        new LanePace(new(20, 0, 0)).DayLeft(now).Should().BeNull("it has no quota of the day");
        merged.Should().HaveCountGreaterThan(20).And.HaveCountLessThanOrEqualTo(100 - sent);
        merged[^1].Should().BeAfter(midnight - TimeSpan.FromHours(2), "the rest is spread over the day");
        pace.AllowsOneByOne(Of("a"), 1, midnight).Should().BeTrue();
    }

    private static Audience Of(params string[] members) => members.Contains("@all") ? new(["@all"], 3) : new(members, members.Length);

    private static void Keeps(List<DateTimeOffset> times, int limit, TimeSpan window)
    {
        for (var i = limit; i < times.Count; i++) (times[i] - times[i - limit]).Should().BeGreaterThanOrEqualTo(window, $"{limit} fit into {window}");
    }

    private static LanePace Restarted(LaneLimits limits, List<CountedSend> sends, DateTimeOffset now)
    {
        var pace = new LanePace(limits);
        foreach (var send in sends.Where(x => x.At > now - LanePace.MemoryOf(limits)).OrderBy(x => x.At)) pace.Restore(send);
        return pace;
    }
}
