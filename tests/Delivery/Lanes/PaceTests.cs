using Notify.Delivery.Lanes;

namespace Notify.Delivery.Tests.Lanes;

public sealed class PaceTests
{
    private static readonly DateTimeOffset start = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 50)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void no_minute_ever_holds_more_than_the_limit(int seed)
    {
        var random = new Random(seed);
        var limit = seed % 3 == 0 ? 20 : random.Next(1, 25);
        var pace = new Pace(limit);
        var (now, left) = (start, new List<DateTimeOffset>());
        for (var step = 0; step < 1000; step++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(10) == 0 ? random.Next(90_000) : random.Next(4_000));
            if (random.Next(50) == 0) pace = RestartedFrom(pace, limit);
            var messages = random.Next(10) == 0 ? random.Next(1, 3 * limit) : 1;
            var leaves = random.Next(4) switch
            {
                0 => pace.AllowsOneByOne(messages, now),
                1 => pace.FreeAt(messages, now) is null,
                2 => pace.NextMerged(now) <= now && (messages = 1) == 1,
                _ => pace.Room(now) > 0, // of more parts than there is room for
            };
            if (leaves) left.AddRange(pace.Reserve(messages, now));
        }

        left.Should().HaveCountGreaterThan(limit * 3).And.BeInAscendingOrder();
        for (var i = limit; i < left.Count; i++)
            (left[i] - left[i - limit]).Should().BeGreaterThan(TimeSpan.FromSeconds(60), $"message {i} is one more than {limit}");
    }

    [Fact]
    public void a_quarter_of_the_limit_is_kept_for_merged_messages()
    {
        var pace = new Pace(20);
        var oneByOne = 0;
        for (; pace.AllowsOneByOne(1, start); oneByOne++) pace.Reserve(1, start);
        oneByOne.Should().Be(15);
        pace.Room(start).Should().Be(5);
    }

    [Fact]
    public void merged_messages_spread_over_the_minute()
    {
        var pace = new Pace(20);
        pace.Reserve(15, start);
        var times = new List<DateTimeOffset>();
        for (var now = start; now < start + Pace.Minute; now += TimeSpan.FromMilliseconds(100))
        {
            if (pace.NextMerged(now) > now) continue;
            pace.Reserve(1, now);
            times.Add(now);
        }

        times.Should().HaveCount(5);
        times.Prepend(start).Zip(times, (a, b) => b - a).Should().OnlyContain(x => x >= TimeSpan.FromSeconds(10) && x < TimeSpan.FromSeconds(11));
    }

    [Fact]
    public void whoever_waits_until_it_is_free_finds_it_free()
    {
        var random = new Random(1);
        var pace = new Pace(20);
        var now = start;
        for (var i = 0; i < 200; i++)
        {
            var messages = random.Next(1, 50);
            for (var waits = 0; pace.FreeAt(messages, now) is { } free; waits++)
            {
                free.Should().BeAfter(now);
                now = free;
                waits.Should().BeLessThan(100);
            }

            pace.Reserve(messages, now).Should().HaveCount(messages).And.OnlyContain(x => x >= now);
            now += TimeSpan.FromMilliseconds(random.Next(5000));
        }
    }

    [Fact]
    public void without_a_limit_nothing_waits()
    {
        var pace = new Pace(0);
        for (var i = 0; i < 1000; i++)
        {
            pace.AllowsOneByOne(50, start).Should().BeTrue();
            pace.FreeAt(50, start).Should().BeNull();
            pace.Reserve(50, start).Should().BeEmpty();
        }

        pace.Sent.Should().BeEmpty();
        pace.IsLimited.Should().BeFalse();
    }

    private static Pace RestartedFrom(Pace pace, int limit)
    {
        var restarted = new Pace(limit);
        restarted.Restore(pace.Sent.Reverse());
        return restarted;
    }
}
