namespace Notify.Kernel.Tests;

public sealed class ErrorsTests
{
    [Fact]
    public void the_first_hundred_are_kept_and_the_rest_is_counted()
    {
        var errors = new Errors();
        for (var i = 0; i < 200_000; i++) errors.Add($"x{i}", "unknown");
        errors.IsFull.Should().BeTrue();
        var problem = ProblemException.Invalid(errors);
        problem.Errors!.Values.Sum(x => x.Length).Should().Be(Errors.Most);
        problem.ErrorsLeftOut.Should().Be(199_900);
        problem.Detail.Should().Be("x0: unknown This is the first of at least 200000 errors.");
    }

    [Fact]
    public void what_one_part_left_out_counts_in_the_whole()
    {
        var (part, whole) = (new Errors(), new Errors());
        for (var i = 0; i < 150; i++) part.Add("", "no");
        whole.Add("name", "A name is required.");
        whole.AddAll("rules[0]", part);
        whole.LeftOut.Should().Be(51);
        whole.ToDictionary().Keys.Should().Equal("name", "rules[0]");
    }

    [Fact]
    public void what_is_quoted_is_cut_short()
    {
        var errors = new Errors();
        errors.Add(new string('p', 1_000_000), new string('m', 1_000_000));
        errors.ToDictionary().Single().Key.Length.Should().BeLessThan(300);
        errors.ToDictionary().Single().Value[0].Length.Should().BeLessThan(1100);
    }
}
