using Notify.Kernel.Events;

namespace Notify.Kernel.Tests.Events;

public sealed class GroupCommitTests : IDisposable
{
    private readonly List<int[]> batches = [];
    private readonly SemaphoreSlim commitStarted = new(0);
    private readonly SemaphoreSlim mayCommit = new(0);

    public void Dispose()
    {
        commitStarted.Dispose();
        mayCommit.Dispose();
    }

    [Fact]
    public async Task what_arrives_while_a_commit_runs_goes_together_in_order()
    {
        await using var group = Started();
        var first = group.AddAsync(1);
        await commitStarted.WaitAsync();
        var later = new[] { 2, 3, 4 }.Select(group.AddAsync).ToArray();
        later.Should().OnlyContain(x => !x.IsCompleted);

        mayCommit.Release(2);
        (await first).Should().Be(10);
        (await Task.WhenAll(later)).Should().Equal(20, 30, 40);
        batches.Should().SatisfyRespectively(x => x.Should().Equal(1), x => x.Should().Equal(2, 3, 4));
    }

    [Fact]
    public async Task a_commit_that_fails_fails_only_what_fails_alone()
    {
        await using var group = Started(fail: batch => batch.Any(x => x is 3 or 6));
        var first = group.AddAsync(1);
        await commitStarted.WaitAsync();
        var second = Enumerable.Range(2, 7).Select(group.AddAsync).ToArray();
        mayCommit.Release(100);

        (await first).Should().Be(10);
        foreach (var (i, caller) in second.Index())
        {
            if (i + 2 is 3 or 6) (await FluentActions.Awaiting(() => caller).Should().ThrowAsync<InvalidDataException>())
                .WithMessage("The disk is full.");
            else (await caller).Should().Be((i + 2) * 10);
        }

        batches.Where(x => !x.Any(n => n is 3 or 6)).SelectMany(x => x).Should().Equal([1, 2, 4, 5, 7, 8], "each is committed once, in order");
    }

    [Fact]
    public async Task a_store_that_is_away_is_not_asked_again_for_each_half()
    {
        await using var group = Started(fail: batch => batch.Contains(3) ? throw new TimeoutException() : false);
        var first = group.AddAsync(1);
        await commitStarted.WaitAsync();
        var second = new[] { 2, 3, 4 }.Select(group.AddAsync).ToArray();
        mayCommit.Release(100);
        (await first).Should().Be(10);
        foreach (var caller in second) await FluentActions.Awaiting(() => caller).Should().ThrowAsync<TimeoutException>();
        batches.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task a_commit_that_answers_for_another_number_of_items_fails_every_caller_and_the_next_batch_goes_on(int surplus)
    {
        await using var group = Started(surplus: batch => batch.Contains(3) ? surplus : 0);
        var first = group.AddAsync(1);
        await commitStarted.WaitAsync();
        var second = new[] { 2, 3 }.Select(group.AddAsync).ToArray();
        mayCommit.Release(10);
        (await first).Should().Be(10);

        foreach (var caller in second) await caller.Invoking(x => x).Should().ThrowAsync<InvalidOperationException>();
        (await group.AddAsync(5)).Should().Be(50);
    }

    [Fact]
    public async Task a_batch_is_closed_at_its_greatest_weight()
    {
        await using var group = Started(maxWeight: 4);
        var first = group.AddAsync(1);
        await commitStarted.WaitAsync();
        var later = new[] { 2, 2, 3, 3 }.Select(group.AddAsync).ToArray();
        mayCommit.Release(10);
        await Task.WhenAll([first, .. later]);
        batches.Should().SatisfyRespectively(x => x.Should().Equal(1), x => x.Should().Equal(2, 2), x => x.Should().Equal(3, 3));
    }

    [Fact]
    public async Task beyond_its_capacity_it_refuses_with_503()
    {
        await using var group = Started(capacity: 2);
        var running = group.AddAsync(1);
        await commitStarted.WaitAsync();
        var waiting = new[] { 2, 3 }.Select(group.AddAsync).ToArray();

        var refusal = group.Invoking(x => { _ = x.AddAsync(4); }).Should().Throw<ProblemException>().Which;
        refusal.Status.Should().Be(503);
        refusal.RetryAfter.Should().Be(1);

        mayCommit.Release(10);
        (await Task.WhenAll([running, .. waiting])).Should().Equal(10, 20, 30);
        (await group.AddAsync(5)).Should().Be(50, "there is room again");
    }

    [Fact]
    public async Task stopping_finishes_what_was_handed_in_and_takes_no_more()
    {
        await using var group = Started();
        var running = group.AddAsync(1);
        await commitStarted.WaitAsync();
        var waiting = new[] { 2, 3 }.Select(group.AddAsync).ToArray();

        var stop = group.StopAsync(CancellationToken.None);
        group.Invoking(x => { _ = x.AddAsync(4); }).Should().Throw<ProblemException>().Which.Status.Should().Be(503);
        stop.IsCompleted.Should().BeFalse("a commit is under way");
        mayCommit.Release(10);
        await stop;

        (await Task.WhenAll([running, .. waiting])).Should().Equal(10, 20, 30);
        batches.SelectMany(x => x).Should().Equal(1, 2, 3);
    }

    [Fact]
    public async Task a_stop_whose_time_is_over_fails_what_is_not_on_disk()
    {
        await using var group = Started();
        var running = group.AddAsync(1);
        await commitStarted.WaitAsync();
        var waiting = group.AddAsync(2);

        using var time = new CancellationTokenSource();
        var stop = group.StopAsync(time.Token);
        await time.CancelAsync();
        await stop;
        foreach (var item in new[] { running, waiting }) await item.Invoking(x => x).Should().ThrowAsync<OperationCanceledException>();
    }

    /// <summary>An item's weight is its number; its result ten times that.</summary>
    /// <param name="surplus">How many results more than items a batch's commit answers.</param>
    private GroupCommit<int, int> Started(
        Func<IReadOnlyList<int>, bool>? fail = null, int maxWeight = 1000, int capacity = 100, Func<IReadOnlyList<int>, int>? surplus = null)
    {
        var group = new GroupCommit<int, int>(
            async (items, cancellation) =>
            {
                batches.Add([.. items]);
                commitStarted.Release();
                await mayCommit.WaitAsync(cancellation);
                if (fail?.Invoke(items) == true) throw new InvalidDataException("The disk is full.");
                return [.. Enumerable.Range(0, items.Count + (surplus?.Invoke(items) ?? 0)).Select(i => i < items.Count ? items[i] * 10 : 0)];
            },
            weight: x => x, maxWeight, capacity, TimeProvider.System);
        group.Start();
        return group;
    }
}
