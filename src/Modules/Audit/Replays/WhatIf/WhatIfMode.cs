using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Notify.Audit.Replays.Reports;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Audit.Replays.WhatIf;

/// <summary>Decides the recorded alarms again, at their instants, with today's configuration or drafts. The Rules module decides; this mode adds up
/// the results.</summary>
public sealed class WhatIfMode(IWolverineRuntime runtime, IConfiguration settings) : IReplayMode
{
    public const int MostRows = 2_000;

    private readonly int chunkSize = settings.GetValue("Notify:Replays:ChunkSize", 5_000);

    public ReplayMode Mode => ReplayMode.WhatIf;

    public async Task<ReplayChunk> NextAsync(Replay replay, byte[]? state, CancellationToken cancellation)
    {
        var request = replay.Request;
        var current = WhatIfState.Read(state, request);
        var answer = await new MessageBus(runtime).InvokeAsync<DecisionsCompared>(
            new CompareDecisions(
                request.From, request.To, current.Position, request.UpTo, chunkSize, request.ConfigurationVersion!.Value, request.Filter,
                request.Rules ?? []), cancellation);
        var (json, rows) = (new StringBuilder(), HtmlPage.Languages.ToDictionary(x => x, _ => new StringBuilder(), StringComparer.Ordinal));
        foreach (var decision in answer.Decisions)
        {
            if (!current.Add(decision)) continue;
            json.Append(current.Different == 1 ? "\n" : ",\n").Append(JsonSerializer.Serialize(decision, NotifyJson.Options));
            if (current.Different > MostRows) continue;
            foreach (var (language, html) in rows) WhatIfPage.Row(html, language, decision);
        }

        current.LastPart++;
        List<ReportPart> parts = [new(ReportPart.Json, current.LastPart, Encoding.UTF8.GetBytes(json.ToString()))];
        parts.AddRange(rows.Where(x => x.Value.Length > 0)
            .Select(x => new ReportPart(ReportPart.Html(x.Key), current.LastPart, Encoding.UTF8.GetBytes(x.Value.ToString()))));
        var all = request.UpTo - request.After;
        if (answer.Position is { } position)
        {
            current.Position = position;
            return new(current.Write(), position - request.After, all, parts);
        }

        current.Finish();
        var result = Result(current);
        var head = new JsonObject
        {
            ["report"] = "whatIf",
            ["from"] = JsonSerializer.SerializeToNode(request.From, NotifyJson.Options),
            ["to"] = JsonSerializer.SerializeToNode(request.To, NotifyJson.Options),
            ["filter"] = JsonSerializer.SerializeToNode(request.Filter, NotifyJson.Options),
            ["configurationVersion"] = request.ConfigurationVersion,
            ["rules"] = request.Rules is null ? null : JsonSerializer.SerializeToNode(request.Rules, NotifyJson.Options),
            ["summary"] = result.DeepClone(),
        }.ToJsonString(NotifyJson.Options);
        parts.Add(new(ReportPart.Json, 0, Encoding.UTF8.GetBytes($"{head[..^1]},\"differences\":[")));
        parts.Add(new(ReportPart.Json, ReportPart.Tail, "\n]}\n"u8.ToArray()));
        foreach (var language in HtmlPage.Languages)
        {
            parts.Add(new(ReportPart.Html(language), 0, Encoding.UTF8.GetBytes(WhatIfPage.Head(language, request, current))));
            parts.Add(new(ReportPart.Html(language), ReportPart.Tail, Encoding.UTF8.GetBytes(WhatIfPage.Tail(language))));
        }

        return new(current.Write(), all, all, parts, result);
    }

    private static JsonObject Result(WhatIfState state) => new()
    {
        ["decisions"] = state.Decisions,
        ["different"] = state.Different,
        ["receivers"] = new JsonArray(
        [.. state.Receivers.Select(x => JsonSerializer.SerializeToNode(x.Value, NotifyJson.Options)).Zip(state.Receivers.Keys, (node, name) =>
        {
            var receiver = new JsonObject { ["receiver"] = name };
            foreach (var (field, value) in node!.AsObject()) receiver[field] = value?.DeepClone();
            return receiver;
        })]),
    };
}
