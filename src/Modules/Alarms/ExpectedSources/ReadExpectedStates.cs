using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel.Http;

namespace Notify.Alarms.ExpectedSources;

/// <summary><c>GET /expected-sources/states</c>: which of them report, and when each was last heard of.</summary>
public sealed class ReadExpectedStates(SourceSilenceWatch watch)
{
    public sealed record Answer(IReadOnlyList<ExpectedSourceState> Items);

    public Answer Run() => new(watch.States);

    public static void Map(RouteGroupBuilder sources) =>
        sources.MapGet("/states", (ReadExpectedStates read) => read.Run()).Requires(Permission.ConfigurationRead)
            .Document(
                "getSourceStates", "How it is with the expected sources",
                "Of each: reporting; silent; awaited, while it or Notify has not been ready for long enough to blame it; or notExpected, while it "
                + "is disabled. A new one is among them within a few seconds.")
            .Answers<Answer>();
}
