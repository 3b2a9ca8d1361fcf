using System.Globalization;

namespace Notify.Testing;

/// <summary>The randomness of a test. The seed is in the test's output; with NOTIFY_TEST_SEED the test runs with the same one again.</summary>
public static class TestRandom
{
    private const string Variable = "NOTIFY_TEST_SEED";

    /// <param name="print">The test's output: <c>output.WriteLine</c>.</param>
    public static Random New(Action<string> print)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var given)
            ? given : Random.Shared.Next();
        print(string.Create(CultureInfo.InvariantCulture, $"Seed {seed}; {Variable}={seed} repeats this run."));
        return new Random(seed);
    }

    /// <summary>A free choice that needs no repeating, such as a port to try.</summary>
    public static int Any(int from, int below) => Random.Shared.Next(from, below);
}
