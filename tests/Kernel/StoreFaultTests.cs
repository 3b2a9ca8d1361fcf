using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Kernel.Tests;

/// <summary>Whose fault it is that something could not be stored.</summary>
public sealed class StoreFaultTests
{
    [Theory]
    [InlineData("57P01")] // the server is shut down
    [InlineData("57P03")] // it starts
    [InlineData("53100")] // the disk is full
    [InlineData("08006")] // the connection broke
    [InlineData("XX000")]
    public void a_database_that_is_away_is_nobody_s_fault_and_passes(string state)
    {
        StoreFault.IsStoreDown(Fault(state)).Should().BeTrue();
        StoreFault.Passes(Fault(state)).Should().BeTrue();
        StoreFault.IsOfOne(Fault(state)).Should().BeFalse();
    }

    [Fact]
    public void a_statement_that_was_cancelled_passes_and_does_not_mean_that_the_database_is_away()
    {
        var cancelled = Fault("57014");
        foreach (var fault in (Exception[])[cancelled, new InvalidOperationException("outer", cancelled), new AggregateException(cancelled)])
        {
            StoreFault.IsStoreDown(fault).Should().BeFalse();
            StoreFault.Passes(fault).Should().BeTrue();
            StoreFault.IsOfOne(fault).Should().BeFalse("the same may succeed in a while");
        }
    }

    [Theory]
    [InlineData("22P05")] // a character that a text cannot hold
    [InlineData("23505")]
    [InlineData("22003")]
    public void what_the_database_refuses_is_the_fault_of_what_was_worked_on(string state)
    {
        StoreFault.Passes(Fault(state)).Should().BeFalse();
        StoreFault.IsOfOne(Fault(state)).Should().BeTrue();
    }

    [Fact]
    public void a_stop_is_nobody_s_fault() => StoreFault.IsOfOne(new OperationCanceledException()).Should().BeFalse();

    private static PostgresException Fault(string state) => new("message", "ERROR", "ERROR", state);
}
