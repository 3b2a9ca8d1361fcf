using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Replays;
using Notify.Contracts.Services;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine;

namespace Notify.Audit.Replays;

/// <summary><c>POST /replays</c>: somebody wants to see again what happened, or what would have, or to send it again.</summary>
public static class PostReplay
{
    private const int MaxRules = 200;
    private static readonly TimeSpan longestPeriod = TimeSpan.FromDays(366);
    private static readonly string[] statuses = ["Pending", "Scheduled", "Delivered", "PartlyDelivered", "Failed", "Suppressed", "Dismissed"];

    public sealed record Body(
        [property: Required] ReplayMode? Mode, [property: Required] DateTimeOffset? From, [property: Required] DateTimeOffset? To, ReplayFilter? Filter = null, string? ServiceId = null, IReadOnlyList<JsonObject>? Rules = null,
        string? Reason = null);

    public static void Map(RouteGroupBuilder replays) =>
        replays.MapPost("", async (
            HttpContext http, IDocumentStore store, NpgsqlDataSource database, IMessageBus bus, EventBatch events, ReplayRunner runner,
            PublicAddress address, TimeProvider time) =>
        {
            var cancellation = http.RequestAborted;
            var body = await http.Request.ReadAsync<Body>(
                "requestedBy", "requestedAt", "correlationId", "progress", "endedAt", "endedBy", "endReason", "result", "reports");
            // The store keeps microseconds; the answer must say the same as a later read.
            var now = Instants.Cut(time.GetUtcNow());
            var audit = http.Audit();
            var reason = body.Reason?.Trim() is { Length: > 0 } given ? given : audit.Reason;
            await CheckAsync(body, reason, now, database, bus, cancellation);
            if (body.Mode == ReplayMode.Redeliver) http.Demand(Permission.ReplaysRedeliver);

            var (drafts, to) = (await CheckRulesAsync(body, bus, cancellation), body.To > now ? now : body.To!.Value);
            var period = await EventPeriod.FindAsync(database, body.From!.Value, to, cancellation);
            var request = new ReplayRequested(
                body.Mode!.Value, body.From.Value, to, body.Filter ?? new ReplayFilter(), body.ServiceId, body.Rules, reason, period.After, period.UpTo,
                body.Mode == ReplayMode.WhatIf ? drafts.ConfigurationVersion : null);

            var id = http.FirstRequest() is { } first ? Ids.Of("replay", first.Id) : Ids.New("replay", now);
            var replay = await ReplayTable.FindAsync(database, id, cancellation);
            if (replay is null)
            {
                audit = audit with { Reason = reason };
                replay = Replay.Apply(null, id, request, now, audit.Actor, audit.CorrelationId);
                await using var session = store.LightweightSession();
                events.Append(id, 1, request, audit);
                events.QueueTo(session, now);
                ReplayTable.QueueInsert(session, replay);
                await session.SaveChangesAsync(cancellation);
                runner.Wake();
            }

            return TypedResults.Accepted(address.PathTo($"api/v1/replays/{id}"), ReplayView.Of(replay));
        }).Idempotent().Requires(Permission.ReplaysRun).MayRequire(Permission.ReplaysRedeliver, "for mode redeliver")
            .Document(
                "createReplay", "Replay a period",
                "review reconstructs what happened; whatIf evaluates today's rules, or the given ones, on the recorded alarms and sends "
                + "nothing; redeliver sends again, rate-limited and marked. Runs after the answer and survives a restart.")
            .Takes<Body>("""
                { "mode": "review", "from": "2026-01-31T03:00:00Z", "to": "2026-01-31T04:00:00Z", "filter": { "alarmPath": "Site1/Line1/**" }, "reason": "Incident 4711" }
                """)
            .Answers(StatusCodes.Status202Accepted, "Accepted.").GivesHeader("Location", "Where its progress can be read.");

    private static async Task CheckAsync(Body body, string? reason, DateTimeOffset now, NpgsqlDataSource database, IMessageBus bus, CancellationToken cancellation)
    {
        var errors = new Errors();
        if (body.Mode is null) errors.Add("mode", "Give review, whatIf or redeliver.");
        if (body.From is null) errors.Add("from", "This field is required.");
        if (body.To is null) errors.Add("to", "This field is required.");
        if (body.From >= body.To) errors.Add("to", "The end must be after the beginning.");
        else if (body.To - body.From > longestPeriod) errors.Add("from", "At most one year.");
        else if (body.From > now) errors.Add("from", "The beginning is in the future.");
        if (reason?.EnumerateRunes().Count() > 500) errors.Add("reason", "A reason has at most 500 characters.");
        if (reason is null && body.Mode == ReplayMode.Redeliver) errors.Add("reason", "Redelivery requires a reason.");
        if (body.Rules is not null && body.Mode != ReplayMode.WhatIf) errors.Add("rules", "Only a what-if accepts rules.");
        if (body.Rules?.Count > MaxRules) errors.Add("rules", $"At most {MaxRules} rules.");
        if (body.Rules?.Any(x => x is null) == true) errors.Add("rules", "A rule may not be null.");
        if (body.ServiceId is not null && body.Mode != ReplayMode.Redeliver) errors.Add("serviceId", "Only a redelivery sends notifications and accepts a service.");
        if (body.Filter is { } filter) await CheckAsync(filter, body.Mode, database, errors, cancellation);
        if (body.ServiceId is { } target && !errors.Any)
        {
            var found = (await bus.InvokeAsync<ServicesDescribed>(new DescribeServices(target), cancellation)).Services;
            if (found.Count == 0) errors.Add("serviceId", Ids.NoSuch("service", target));
            else if (!found[0].Enabled) errors.Add("serviceId", $"Service '{found[0].Name}' is disabled.");
        }

        errors.ThrowIfAny();
    }

    private static async Task CheckAsync(ReplayFilter filter, ReplayMode? mode, NpgsqlDataSource database, Errors errors, CancellationToken cancellation)
    {
        if (filter.AlarmPath is not null && PathPattern.FaultOf(filter.AlarmPath) is { } fault) errors.Add("filter.alarmPath", fault);
        if (filter.Receiver is { Length: 0 or > 200 }) errors.Add("filter.receiver", "A receiver has 1 to 200 characters.");
        if (filter.Status is not null && mode == ReplayMode.WhatIf) errors.Add("filter.status", "A what-if determines who would be notified; there is no status to filter by.");
        else if (filter.Status is not null && !statuses.Contains(filter.Status, StringComparer.Ordinal)) errors.Add("filter.status", $"Give one of {string.Join(", ", statuses)}.");
        // One that was deleted since has its stream still.
        foreach (var (field, kind, id) in new[] { ("ruleId", "rule", filter.RuleId), ("serviceId", "service", filter.ServiceId) })
        {
            if (id is null) continue;
            if (!id.StartsWith(kind + "-", StringComparison.Ordinal) || !await Streams.ExistsAsync(database, id, cancellation))
                errors.Add($"filter.{field}", $"No {kind} '{id}' ever existed.");
        }
    }

    private static async Task<DraftsChecked> CheckRulesAsync(Body body, IMessageBus bus, CancellationToken cancellation)
    {
        if (body.Mode != ReplayMode.WhatIf) return new DraftsChecked(0, new Dictionary<string, IReadOnlyList<string>>());
        var answer = await bus.InvokeAsync<DraftsChecked>(new CheckDrafts(body.Rules ?? []), cancellation);
        var errors = new Errors();
        foreach (var (path, messages) in answer.Faults)
            foreach (var message in messages) errors.Add(path, message);
        errors.ThrowIfAny();
        return answer;
    }
}
