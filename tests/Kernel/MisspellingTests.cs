namespace Notify.Kernel.Tests;

public sealed class MisspellingTests
{
    private static readonly string[] known = ["dryRun", "prune", "status", "serviceId", "pageSize", "name", "from", "to"];

    [Theory]
    [InlineData("dry_run", "dryRun")]
    [InlineData("DRYRUN", "dryRun")]
    [InlineData("dryrn", "dryRun")]
    [InlineData("statuss", "status")]
    [InlineData("satus", "status")]
    [InlineData("service", "serviceId")]
    [InlineData("nmae", "name")]
    [InlineData("form", "from")]
    [InlineData("page-size", "pageSize")]
    public void what_was_meant_is_found(string given, string meant) => Misspelling.Nearest(given, known).Should().Be(meant);

    [Theory]
    [InlineData("user")]
    [InlineData("zzz")]
    [InlineData("")]
    public void what_is_like_nothing_is_not_guessed_at(string given)
    {
        Misspelling.Nearest(given, known).Should().BeNull();
        Misspelling.Of("parameter", given, known).Should().ContainAll(known);
    }

    [Fact]
    public void a_long_name_is_neither_compared_nor_repeated()
    {
        var text = Misspelling.Of("field", new string('a', 100_000), known);
        text.Length.Should().BeLessThan(300);
    }
}
