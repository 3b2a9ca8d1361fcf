using Notify.Ui.Live;

namespace Notify.Ui.Tests.Live;

public class OneAtATimeTests
{
    private readonly List<TaskCompletionSource> calls = [];
    private readonly OneAtATime told;

    public OneAtATimeTests() => told = new(() =>
    {
        calls.Add(new TaskCompletionSource());
        return calls[^1].Task;
    });

    [Fact]
    public void what_is_told_during_a_call_is_told_once_more_after_it()
    {
        told.Tell();
        told.Tell();
        told.Tell();
        calls.Should().ContainSingle("the first has not ended");
        calls[0].SetResult();
        calls.Should().HaveCount(2);
        calls[1].SetResult();
        calls.Should().HaveCount(2, "nothing was told during the second");
        told.Tell();
        calls.Should().HaveCount(3);
    }
}
