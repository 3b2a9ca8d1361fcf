using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel.Http;

namespace Notify.Alarms.ExpectedSources;

/// <summary><c>GET /expected-sources/states</c>: whether each source reports, and when it was last heard.</summary>
public sealed class ReadExpectedStates(SourceSilenceWatch watch)
{
    public sealed record Answer(IReadOnlyList<ExpectedSourceState> Items);

    public Answer Run() => new(watch.States);

    public static void Map(RouteGroupBuilder sources) =>
        sources.MapGet("/states", (ReadExpectedStates read) => read.Run()).Requires(Permission.ConfigurationRead)
            .Document(
                "getSourceStates", "States of the expected sources",
                "For each source: reporting; silent; awaited, if the source or Notify has not existed or run for long enough to tell; or "
                + "notExpected, if it is disabled. A new source appears within a few seconds.")
            .Answers<Answer>();
}
