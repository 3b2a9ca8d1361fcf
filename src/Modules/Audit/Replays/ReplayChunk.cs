using System.Text.Json.Nodes;

namespace Notify.Audit.Replays;

/// <summary>The work of one transaction of a replay. It is committed as a whole, and the next chunk continues from <see cref="State"/>, on whichever
/// node.</summary>
/// <param name="State">Where the next chunk continues.</param>
/// <param name="Parts">Parts of the reports; they are compressed when stored.</param>
/// <param name="Result">The summary; not null in the last chunk only.</param>
/// <param name="Wait">How long to wait before the next chunk.</param>
public sealed record ReplayChunk(
    byte[] State, long Done, long Total, IReadOnlyList<ReportPart> Parts, JsonObject? Result = null, TimeSpan Wait = default);

/// <param name="Report"><c>json</c>, <c>html.en</c> or <c>html.zh</c>.</param>
/// <param name="Number">Its place in the report; 0 is the head, which is written last, when all is known.</param>
public sealed record ReportPart(string Report, int Number, byte[] Content)
{
    public const string Json = "json";
    public const int Tail = int.MaxValue;

    public static string Html(string language) => $"html.{language}";
}

/// <summary>A mode of replay. A chunk is repeated if the process died before it was committed, so it must give the same result again.</summary>
public interface IReplayMode
{
    ReplayMode Mode { get; }

    /// <param name="state">The state after the previous chunk; null for the first.</param>
    Task<ReplayChunk> NextAsync(Replay replay, byte[]? state, CancellationToken cancellation);
}
