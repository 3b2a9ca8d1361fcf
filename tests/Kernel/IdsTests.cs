namespace Notify.Kernel.Tests;

public sealed class IdsTests
{
    private static readonly DateTimeOffset start = new(2026, 9, 30, 4, 0, 0, TimeSpan.Zero);

    [Fact]
    public void ids_sort_by_time_of_creation()
    {
        var ids = Enumerable.Range(0, 1000).Select(i => Ids.New("rule", start.AddMilliseconds(i * i))).ToList();
        ids.Should().BeInAscendingOrder(StringComparer.Ordinal).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void an_id_is_its_kind_and_26_characters_of_crockfords_base_32()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => Ids.New("rule", start)).ToList();
        ids.Should().OnlyHaveUniqueItems();
        ids.Should().AllSatisfy(x => x.Should().MatchRegex("^rule-[0-9a-hjkmnp-tv-z]{26}$"));
        Ids.Of("x", Guid.Empty).Should().Be("x-" + new string('0', 26));
        Ids.Of("x", new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff")).Should().Be("x-7" + new string('z', 25));
    }

    [Fact]
    public void a_new_uuid_is_of_version_7_says_its_millisecond_and_is_never_made_twice()
    {
        var made = new System.Collections.Concurrent.ConcurrentBag<Guid>();
        Parallel.For(0, 20_000, _ => made.Add(Ids.NewGuid(start)));
        made.Should().OnlyHaveUniqueItems();
        made.Should().AllSatisfy(x => (x.Version, x.Variant & 0xC).Should().Be((7, 8)));
        made.Select(x => x.ToString("N")[..12]).Distinct().Should().Equal(Guid.CreateVersion7(start).ToString("N")[..12]);
    }

    [Fact]
    public void a_derived_id_never_changes()
    {
        // Written down: streams in existing stores carry these.
        Ids.Derived("alarm", "Site1/Line1 高压").Should().Be(Ids.Derived("alarm", "Site1/Line1 高压"));
        Ids.Derived("alarm", "").Should().Be("alarm-73p324567w3ga9nyzms2cpze94");
        Ids.Derived("alarm", "a").Should().NotBe(Ids.Derived("alarm", "b"));
        Ids.Derived("alarm", new string('长', 5000)).Should().MatchRegex("^alarm-[0-9a-hjkmnp-tv-z]{26}$");
    }

    [Fact]
    public void an_id_says_when_it_was_made_and_what_is_no_such_id_says_nothing_and_fails_nobody()
    {
        Ids.TimeOf(Ids.New("notification", start)).Should().Be(start);
        // A hash of 128 bits looks like such an id now and then, also like one of a time that no calendar has: 1 of 160.
        var hashes = Enumerable.Range(0, 100_000).Select(i => Ids.TimeOf(Ids.Derived("notification", $"replay-1\n{i}"))).ToList();
        hashes.Count(x => x is not null).Should().BeLessThan(50);
        foreach (var odd in new[] { "", "x", "notification-", "notification-" + new string('z', 26), "notification-" + new string('7', 26),
            new string('高', 40), "x-" + new string('0', 26) })
            Ids.TimeOf(odd).Should().BeNull(odd);
    }

    [Fact]
    public void a_derived_guid_never_changes_and_says_how_it_was_made()
    {
        var id = Ids.DerivedGuid("a fact");
        id.Should().Be(Ids.DerivedGuid("a fact")).And.NotBe(Ids.DerivedGuid("another fact"));
        (id.Version, id.Variant & 0xC).Should().Be((8, 8));
    }
}
