using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Notify.Audit.History;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Audit.Replays.Review;

/// <summary>
/// Reports what happened, in order: alarms, decisions, deliveries, acknowledgements, changes of the configuration. The report contains nothing about
/// itself, not even when it was made, so that the same period gives the same bytes at any time.
/// </summary>
public sealed class ReviewMode(ReviewReader reader, SummaryWriter summaries, IConfiguration settings) : IReplayMode
{
    /// <summary>The most entries on the HTML page; the JSON report has all.</summary>
    public const int MostRows = 3_000;

    private static readonly JsonWriterOptions asWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly int chunkSize = settings.GetValue("Notify:Replays:ChunkSize", 10_000);
    private (string ReplayId, ReviewScope? Scope)? lastScope;

    public ReplayMode Mode => ReplayMode.Review;

    public async Task<ReplayChunk> NextAsync(Replay replay, byte[]? state, CancellationToken cancellation)
    {
        var request = replay.Request;
        var current = ReviewState.Read(state, request);
        var scope = await ScopeAsync(replay, cancellation);
        var events = await reader.ReadAsync(request, current.Position, chunkSize, cancellation);
        var subjects = await reader.SubjectsAsync(request, events, cancellation);
        var signatures = await reader.SignaturesAsync(events.Where(x => x.IsConfiguration).Select(x => x.Row.Headers), cancellation);
        var entries = new ArrayBufferWriter<byte>(64 * 1024);
        var rows = Reports.HtmlPage.Languages.ToDictionary(x => x, _ => new StringBuilder(), StringComparer.Ordinal);
        using (var json = new Utf8JsonWriter(entries, asWritten))
        {
            foreach (var e in events)
            {
                if (scope?.Holds(e) == false) continue;
                var about = subjects.GetValueOrDefault(e.Row.StreamId);
                var subject = about?.Subject;
                var before = e.IsConfiguration ? await reader.BeforeAsync(e.Row.StreamId, e.Row.Version, cancellation) : null;
                var changes = e.IsConfiguration ? Changes(e, before) : null;
                entries.Write(current.Entries == 0 ? "\n"u8 : ",\n"u8);
                current.Add(e, about, request);
                var approver = e.IsConfiguration ? ReviewEntry.ApproverOf(e.Row.Headers, signatures) : null;
                ReviewEntry.Write(json, e, subject, changes, approver);
                json.Flush();
                json.Reset();
                if (current.Entries > MostRows) continue;
                var summary = summaries.Write(e.Row.Type, JsonNode.Parse(e.Row.Data)!, before is null ? null : JsonNode.Parse(before), Actor.System);
                foreach (var (language, html) in rows) ReviewRow.Write(html, language, e, subject, changes, approver, summary);
            }
        }

        current.LastPart++;
        current.Position = events.Count > 0 ? events[^1].Row.Sequence : request.UpTo;
        List<ReportPart> parts = [new(ReportPart.Json, current.LastPart, entries.WrittenSpan.ToArray())];
        parts.AddRange(rows.Where(x => x.Value.Length > 0)
            .Select(x => new ReportPart(ReportPart.Html(x.Key), current.LastPart, Encoding.UTF8.GetBytes(x.Value.ToString()))));
        if (events.Count == chunkSize) return new(current.Write(), current.Position - request.After, request.UpTo - request.After, parts);

        var used = await reader.UsedAsync(current.Used, cancellation);
        var result = Result(current);
        parts.Add(new(ReportPart.Json, 0, Head(request, result, used)));
        parts.Add(new(ReportPart.Json, ReportPart.Tail, "\n]}\n"u8.ToArray()));
        foreach (var language in Reports.HtmlPage.Languages)
        {
            parts.Add(new(ReportPart.Html(language), 0, Encoding.UTF8.GetBytes(ReviewPage.Head(language, request, current))));
            parts.Add(new(ReportPart.Html(language), ReportPart.Tail, Encoding.UTF8.GetBytes(ReviewPage.Tail(language, current, used))));
        }

        var all = request.UpTo - request.After;
        return new(current.Write(), all, all, parts, result);
    }

    private static JsonObject Result(ReviewState state) => new()
    {
        ["entries"] = state.Entries,
        ["firstSequence"] = state.FirstSequence,
        ["lastSequence"] = state.LastSequence,
        ["counts"] = JsonSerializer.SerializeToNode(state.Counts, NotifyJson.Options),
        ["receivers"] = new JsonArray([.. state.Receivers.Select(x => new JsonObject
        {
            ["receiver"] = x.Key, ["notifications"] = x.Value[ReviewState.Asked], ["delivered"] = x.Value[ReviewState.Delivered],
                ["failed"] = x.Value[ReviewState.Failed],
            ["suppressed"] = x.Value[ReviewState.Suppressed], ["stillOpen"] = x.Value[ReviewState.StillOpen],
        })]),
    };

    private static byte[] Head(ReplayRequested request, JsonObject result, List<UsedConfiguration> used)
    {
        var head = new JsonObject
        {
            ["report"] = "review",
            ["from"] = JsonSerializer.SerializeToNode(request.From, NotifyJson.Options),
            ["to"] = JsonSerializer.SerializeToNode(request.To, NotifyJson.Options),
            ["filter"] = JsonSerializer.SerializeToNode(request.Filter, NotifyJson.Options),
            ["summary"] = result.DeepClone(),
            ["configuration"] = new JsonArray([.. used.Select(x => new JsonObject
            {
                ["resource"] = x.Id, ["version"] = x.Version, ["since"] = JsonSerializer.SerializeToNode(x.At, NotifyJson.Options),
                ["by"] = JsonSerializer.SerializeToNode(x.By, NotifyJson.Options),
                ["approvedBy"] = x.ApprovedBy is null ? null : JsonSerializer.SerializeToNode(x.ApprovedBy, NotifyJson.Options),
                ["data"] = ReviewEntry.Shown(x.Data),
            })]),
        };
        var text = head.ToJsonString(NotifyJson.Options);
        return Encoding.UTF8.GetBytes($"{text[..^1]},\"timeline\":[");
    }

    private static IReadOnlyList<FieldChange> Changes(ReviewEvent e, string? before) =>
        before is null || e.Field("settings") is null
            ? [] : FieldChange.Between(ReviewEntry.Shown(before), ReviewEntry.Shown(Encoding.UTF8.GetString(e.Row.Data)));

    /// <summary>Kept for the replay that this node worked on last: the same events give the same scope.</summary>
    private async Task<ReviewScope?> ScopeAsync(Replay replay, CancellationToken cancellation)
    {
        if (lastScope is { } last && last.ReplayId == replay.Id) return last.Scope;
        var scope = await reader.ScopeAsync(replay.Request, cancellation);
        lastScope = (replay.Id, scope);
        return scope;
    }
}
