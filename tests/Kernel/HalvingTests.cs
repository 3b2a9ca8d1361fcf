using System.Net.Sockets;

namespace Notify.Kernel.Tests;

/// <summary>What fails as a whole is halved until what is at fault is alone.</summary>
public sealed class HalvingTests
{
    private readonly List<int> done = [];
    private readonly List<int> alone = [];

    [Fact]
    public async Task what_is_at_fault_is_dealt_with_alone_and_all_others_are_done_in_order()
    {
        await RunAsync(100, fails: x => x is 0 or 41 or 42 or 99);
        alone.Should().Equal(0, 41, 42, 99);
        done.Should().Equal(Enumerable.Range(0, 100).Except(alone));
    }

    [Fact]
    public async Task without_a_fault_all_are_done_at_once()
    {
        var times = 0;
        await Halving.RunAsync([1, 2, 3], _ => Task.FromResult(++times), (_, _) => throw new InvalidOperationException("Nothing is at fault."));
        times.Should().Be(1);
    }

    [Fact]
    public async Task a_store_that_is_away_is_nobody_s_fault_and_ends_it()
    {
        var away = async () => await Halving.RunAsync(
            [1, 2, 3, 4], part => part.Count > 2 ? throw new FormatException() : throw new SocketException(), DealWith);
        await away.Should().ThrowAsync<SocketException>();
        alone.Should().BeEmpty();
    }

    [Fact]
    public async Task what_was_tried_as_a_whole_is_not_tried_so_again()
    {
        var sizes = new List<int>();
        Func<IReadOnlyList<int>, Task> work = part =>
        {
            sizes.Add(part.Count);
            return Task.CompletedTask;
        };
        await Halving.ApartAsync([1, 2, 3, 4, 5], new FormatException(), work, DealWith);
        sizes.Should().Equal(2, 3);
        await Halving.ApartAsync([7], new FormatException(), work, DealWith);
        sizes.Should().HaveCount(2, "it was tried before");
        alone.Should().Equal(7);
    }

    [Fact]
    public async Task nothing_is_done_of_nothing() => await RunAsync(0, _ => true);

    private Task RunAsync(int count, Func<int, bool> fails) => Halving.RunAsync(
        [.. Enumerable.Range(0, count)],
        part =>
        {
            if (part.Any(fails)) throw new FormatException("not this");
            done.AddRange(part);
            return Task.CompletedTask;
        },
        DealWith);

    private Task DealWith(int item, Exception fault)
    {
        fault.Should().BeOfType<FormatException>();
        alone.Add(item);
        return Task.CompletedTask;
    }
}
