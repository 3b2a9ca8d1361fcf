using System.Text.Json.Nodes;

namespace Notify.Audit.Replays;

/// <summary>The work of one transaction of a replay. It is committed as a whole, and the next chunk continues from <see cref="State"/>, on whichever
/// node.</summary>
/// <param name="State">Where the next chunk continues.</param>
/// <param name="Parts">Of the reports; compressed when they are kept.</param>
/// <param name="Result">Not null at the end: the summary.</param>
/// <param name="Wait">Before the next chunk.</param>
public sealed record ReplayChunk(
    byte[] State, long Done, long Total, IReadOnlyList<ReportPart> Parts, JsonObject? Result = null, TimeSpan Wait = default);

/// <param name="Report"><c>json</c>, <c>html.en</c> or <c>html.zh</c>.</param>
/// <param name="Number">Its place; 0 is the head, which is written last, when all is known.</param>
public sealed record ReportPart(string Report, int Number, byte[] Content)
{
    public const string Json = "json";
    public const int Tail = int.MaxValue;

    public static string Html(string language) => $"html.{language}";
}

/// <summary>One kind of replay. A chunk is repeated when the process died before it was committed, so it must have the same result again.</summary>
public interface IReplayMode
{
    ReplayMode Mode { get; }

    /// <param name="state">Of the chunk before; null at the first.</param>
    Task<ReplayChunk> NextAsync(Replay replay, byte[]? state, CancellationToken cancellation);
}
