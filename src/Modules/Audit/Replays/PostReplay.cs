using System.ComponentModel.DataAnnotations;
using System.Text.Json;
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
using Notify.Kernel.Resources;
using Npgsql;
using Wolverine;

namespace Notify.Audit.Replays;

/// <summary><c>POST /replays</c>: a request to review what happened, to try other rules on it, or to send it again.</summary>
public sealed class PostReplay(
    IDocumentStore store, NpgsqlDataSource database, IMessageBus bus, EventBatches batches, IApprovals approvals, ReplayRunner runner,
    TimeProvider time) : IApprovedChanges
{
    private const string Kind = "redelivery";
    private const string PathsField = "paths";
    private const int MaxRules = 200;
    private static readonly TimeSpan longestPeriod = TimeSpan.FromDays(366);
    private static readonly string[] statuses = ["Pending", "Scheduled", "Delivered", "PartlyDelivered", "Failed", "Suppressed", "Dismissed"];

    /// <param name="To">Exclusive; at most 366 days after <paramref name="From"/>.</param>
    /// <param name="ServiceId">Redeliver: the service in place of each notification's own.</param>
    /// <param name="Rules">What-if: drafts in place of, or beside, the rules; at most 200.</param>
    /// <param name="Reason">At most 500 characters; by default that in <c>X-Change-Reason</c>. Required for a redelivery.</param>
    public sealed record Request(
        [property: Required] ReplayMode? Mode, [property: Required] DateTimeOffset? From, [property: Required] DateTimeOffset? To,
        ReplayFilter? Filter = null,
        string? ServiceId = null, IReadOnlyList<JsonObject>? Rules = null, string? Reason = null);

    IReadOnlyCollection<string> IApprovedChanges.Kinds => [Kind];

    Task IApprovedChanges.MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation)
    {
        // The paths to which the author is limited, whatever the approver may see.
        var paths = change.Input[PathsField].Deserialize<IReadOnlyList<string>>(NotifyJson.Options);
        return RunAsync(change.Input.Deserialize<Request>(NotifyJson.Options)!, paths ?? [], mayRedeliver: true, audit, first: null, cancellation);
    }

    /// <param name="mayRedeliver">Whether the actor may request a redelivery.</param>
    /// <param name="first">Identifies a request that the caller may repeat: a repeat returns the replay that the first one created.</param>
    /// <exception cref="ProblemException">400: the request is invalid; 403: the actor may not redeliver.</exception>
    public Task<ReplayView> RunAsync(
        Request request, bool mayRedeliver, AuditContext audit, FirstRequest? first, CancellationToken cancellation) =>
        RunAsync(request, PathLimit.Current.Texts, mayRedeliver, audit, first, cancellation);

    private async Task<ReplayView> RunAsync(
        Request request, IReadOnlyList<string> paths, bool mayRedeliver, AuditContext audit, FirstRequest? first, CancellationToken cancellation)
    {
        // Cut to the microseconds that the store keeps, so that the answer equals a later read.
        var now = Instants.Cut(time.GetUtcNow());
        audit = audit with { Reason = request.Reason?.Trim() is { Length: > 0 } given ? given : audit.Reason };
        await CheckAsync(request, audit.Reason, now, cancellation);
        if (request.Mode == ReplayMode.Redeliver && !mayRedeliver) throw EndpointPermissions.Refusal(Permission.ReplaysRedeliver);

        var (drafts, to) = (await CheckRulesAsync(request, cancellation), request.To > now ? now : request.To!.Value);
        var period = await EventPeriod.FindAsync(database, request.From!.Value, to, cancellation);
        var requested = new ReplayRequested(
            request.Mode!.Value, request.From.Value, to, request.Filter ?? new ReplayFilter(), request.ServiceId, request.Rules, audit.Reason,
            period.After, period.UpTo,
            request.Mode == ReplayMode.WhatIf ? drafts.ConfigurationVersion : null, paths.Count > 0 ? paths : null);

        var id = first is null ? Ids.New("replay", now) : Ids.Of("replay", first.Id);
        if (await ReplayTable.FindAsync(database, id, cancellation) is { IsSeen: true } known) return ReplayView.Of(known);
        var replay = Replay.Apply(null, id, requested, now, audit.Actor, audit.CorrelationId);
        await using var session = store.LightweightSession();
        // Only a redelivery has effects, so only it may need approval.
        if (request.Mode == ReplayMode.Redeliver)
        {
            await session.BeginTransactionAsync(cancellation);
            // Serialises changes of the configuration, so that it is not decided under a policy that is being replaced.
            await ConfigurationStamp.AdvanceAsync(session, cancellation);
            audit = await approvals.PassAsync(session, ToApprove(request, paths, first), audit, commit: null, cancellation);
        }

        var events = batches.New();
        events.Append(id, 1, requested, audit);
        events.QueueTo(session, now);
        ReplayTable.QueueInsert(session, replay);
        await session.SaveChangesAsync(cancellation);
        runner.Wake();
        return ReplayView.Of(replay);
    }

    public static void Map(RouteGroupBuilder replays) =>
        replays.MapPost("", async (HttpContext http, PostReplay post, PublicAddress address) =>
        {
            var request = await http.Request.ReadAsync<Request>(
                "requestedBy", "requestedAt", "paths", "correlationId", "progress", "endedAt", "endedBy", "endReason", "result", "reports");
            var mayRedeliver = http.User.Has(Permission.ReplaysRedeliver);
            var replay = await post.RunAsync(request, mayRedeliver, http.Audit(), http.FirstRequest(), http.RequestAborted);
            return TypedResults.Accepted(address.PathTo($"api/v1/replays/{replay.Id}"), replay);
        }).Idempotent().Requires(Permission.ReplaysRun).KeepsToPaths().MayNeedApproval(Kind).MayRequire(Permission.ReplaysRedeliver, "for mode redeliver")
            .Document(
                "createReplay", "Replay a period",
                "review reconstructs what happened; whatIf evaluates today's rules, or the given ones, on the recorded alarms and sends "
                + "nothing; redeliver sends again, rate-limited and marked. Runs after the answer and survives a restart.")
            .Takes<Request>("""
                { "mode": "review", "from": "2026-01-31T03:00:00Z", "to": "2026-01-31T04:00:00Z", "filter": { "alarmPath": "Site1/Line1/**" }, "reason": "Incident 4711" }
                """)
            .Answers(StatusCodes.Status202Accepted, "Accepted.").GivesHeader("Location", "Where its progress can be read.");

    private static ChangeToApprove ToApprove(Request request, IReadOnlyList<string> paths, FirstRequest? first)
    {
        var input = JsonSerializer.SerializeToNode(request, NotifyJson.Options)!.AsObject();
        if (paths.Count > 0) input[PathsField] = JsonSerializer.SerializeToNode(paths, NotifyJson.Options);
        return new(Kind, "run", null, $"{request.From:u} – {request.To:u}", FieldChange.Between(new JsonObject(), input), [], input) { First = first };
    }

    private async Task CheckAsync(Request request, string? reason, DateTimeOffset now, CancellationToken cancellation)
    {
        var errors = new Errors();
        if (request.Mode is null) errors.Add("mode", "Give review, whatIf or redeliver.");
        if (request.From is null) errors.Add("from", "This field is required.");
        if (request.To is null) errors.Add("to", "This field is required.");
        if (request.From >= request.To) errors.Add("to", "The end must be after the beginning.");
        else if (request.To - request.From > longestPeriod) errors.Add("from", "At most one year.");
        else if (request.From > now) errors.Add("from", "The beginning is in the future.");
        if (reason?.EnumerateRunes().Count() > 500) errors.Add("reason", "A reason has at most 500 characters.");
        if (reason is null && request.Mode == ReplayMode.Redeliver) errors.Add("reason", "Redelivery requires a reason.");
        if (request.Rules is not null && request.Mode != ReplayMode.WhatIf) errors.Add("rules", "Only a what-if accepts rules.");
        if (request.Rules?.Count > MaxRules) errors.Add("rules", $"At most {MaxRules} rules.");
        if (request.Rules?.Any(x => x is null) == true) errors.Add("rules", "A rule may not be null.");
        if (request.ServiceId is not null && request.Mode != ReplayMode.Redeliver) errors.Add(
            "serviceId", "Only a redelivery sends notifications and accepts a service.");
        if (request.Filter is { } filter) await CheckAsync(filter, request.Mode, errors, cancellation);
        if (request.ServiceId is { } target && !errors.Any)
        {
            var found = (await bus.InvokeAsync<ServicesDescribed>(new DescribeServices(target), cancellation)).Services;
            if (found.Count == 0) errors.Add("serviceId", Ids.NoSuch("service", target));
            else if (!found[0].Enabled) errors.Add("serviceId", $"Service '{found[0].Name}' is disabled.");
        }

        errors.ThrowIfAny();
    }

    private async Task CheckAsync(ReplayFilter filter, ReplayMode? mode, Errors errors, CancellationToken cancellation)
    {
        if (filter.AlarmPath is not null && PathPattern.FaultOf(filter.AlarmPath) is { } fault) errors.Add("filter.alarmPath", fault);
        if (filter.Receiver is { Length: 0 or > 200 }) errors.Add("filter.receiver", "A receiver has 1 to 200 characters.");
        if (filter.Status is not null && mode == ReplayMode.WhatIf) errors.Add(
            "filter.status", "A what-if determines who would be notified; there is no status to filter by.");
        else if (filter.Status is not null && !statuses.Contains(filter.Status, StringComparer.Ordinal)) errors.Add(
            "filter.status", $"Give one of {string.Join(", ", statuses)}.");
        // A deleted one still has its stream.
        foreach (var (field, kind, id) in new[] { ("ruleId", "rule", filter.RuleId), ("serviceId", "service", filter.ServiceId) })
        {
            if (id is null) continue;
            if (!id.StartsWith(kind + "-", StringComparison.Ordinal) || !await Streams.ExistsAsync(database, id, cancellation))
                errors.Add($"filter.{field}", $"No {kind} '{id}' ever existed.");
        }
    }

    private async Task<DraftsChecked> CheckRulesAsync(Request request, CancellationToken cancellation)
    {
        if (request.Mode != ReplayMode.WhatIf) return new DraftsChecked(0, new Dictionary<string, IReadOnlyList<string>>());
        var answer = await bus.InvokeAsync<DraftsChecked>(new CheckDrafts(request.Rules ?? []), cancellation);
        var errors = new Errors();
        foreach (var (path, messages) in answer.Faults)
            foreach (var message in messages) errors.Add(path, message);
        errors.ThrowIfAny();
        return answer;
    }
}
