using Microsoft.Extensions.Time.Testing;
using Notify.Delivery.Flights;
using static Notify.Delivery.Tests.Given;

namespace Notify.Delivery.Tests.Flights;

public sealed class MergePartsTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void halves_are_halved_again()
    {
        var parts = new MergeParts(time);
        var works = Enumerable.Range(0, 8).Select(i => Work($"notification-{i}")).ToList();
        parts.Part(works);
        parts.Part(works[..4]);
        works.GroupBy(parts.Of).Select(x => x.Count()).Should().Equal(2, 2, 4);
        parts.Forget(works[..4]);
        works.GroupBy(parts.Of).Select(x => x.Count()).Should().Equal(4, 4);
        works[..4].Should().OnlyContain(x => parts.Of(x) == 0);
    }

    [Fact]
    public void what_never_leaves_since_it_was_cancelled_is_forgotten_in_time()
    {
        var parts = new MergeParts(time);
        for (var day = 0; day < 24; day++)
        {
            parts.Part([.. Enumerable.Range(0, 100).Select(i => Work($"notification-{day}-{i}"))]);
            time.Advance(TimeSpan.FromMinutes(61));
        }

        parts.Count.Should().Be(100);
    }
}
