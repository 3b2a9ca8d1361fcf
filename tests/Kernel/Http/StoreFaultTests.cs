using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Kernel.Tests.Http;

/// <summary>What is the store's trouble, and passes, and what is not.</summary>
public sealed class StoreFaultTests
{
    [Theory]
    [InlineData("53100", "The database's disk is full.")]
    [InlineData("53300", "The database accepts no more connections.")]
    [InlineData("58030", "The database cannot read or write its files.")]
    // What a new connection is told on a full disk: "could not write init file".
    [InlineData("XX000", "The database reports an internal error.")]
    public void a_fault_of_the_store_is_told_in_its_words_and_keeps_the_store_from_being_ready(string code, string words)
    {
        var fault = new InvalidOperationException("wrapped", new PostgresException("some text", "ERROR", "ERROR", code));
        var store = new StoreState(TimeProvider.System);
        store.Failed(fault);
        StoreFault.IsStoreDown(fault).Should().BeTrue();
        StoreState.Describe(fault).Should().Be(words);
        // No connection: that is seen from outside, and is not a fault of writing.
        store.WriteFaultWithin(TimeSpan.FromMinutes(1)).Should().Be(code == "53300" ? null : words);
    }

    [Theory]
    [InlineData("23505")] // a unique violation is a conflict of ours
    [InlineData("42601")] // and a wrong statement a mistake of ours
    public void a_fault_of_ours_is_not_the_store_s(string code) =>
        StoreFault.IsStoreDown(new PostgresException("some text", "ERROR", "ERROR", code)).Should().BeFalse();
}
