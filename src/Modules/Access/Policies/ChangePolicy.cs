using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Npgsql;

namespace Notify.Access.Policies;

/// <summary><c>GET</c> and <c>PUT /approval-policy</c>, and its history. Whether a change of it needs approval depends on the policy in
/// force.</summary>
public sealed class ChangePolicy(
    IDocumentStore store, PolicyOnRecord record, IApprovals approvals, EventBatches batches, NpgsqlDataSource database) : IApprovedChanges
{
    private const string Name = "approval policy";

    /// <param name="Kinds">The kinds of changes that need approval; empty: none.</param>
    /// <param name="Signature">Who must sign; default: nobody.</param>
    /// <param name="Reason">Whether a change needs a reason; default: optional.</param>
    /// <param name="ReasonKinds">The kinds that need a reason; default: all.</param>
    public sealed record Request(
        [property: Required] IReadOnlyList<string?>? Kinds, SignatureRule? Signature = null, ReasonRule? Reason = null,
        IReadOnlyList<string?>? ReasonKinds = null);

    public sealed record Answer(
        IReadOnlyList<string> Kinds, SignatureRule Signature, ReasonRule Reason, IReadOnlyList<string>? ReasonKinds, long Version);

    public sealed record History(IReadOnlyList<ResourceHistoryItem> Items);

    IReadOnlyCollection<string> IApprovedChanges.Kinds => [ApprovalPolicy.OwnKind];

    public async Task<Answer> ReadAsync(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return AnswerOf(await record.ReadAsync(session, cancellation));
    }

    /// <exception cref="ProblemException">400; 412: another version is in force; 428: the expected version is missing.</exception>
    public Task<Answer> ChangeAsync(Request request, ExpectedVersion? expected, AuditContext audit, CancellationToken cancellation) =>
        ChangeAsync(ApprovalPolicy.Decide(request), expected, audit, cancellation);

    Task IApprovedChanges.MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation) =>
        ChangeAsync(
            change.Input.Deserialize<ApprovalPolicyChanged>(NotifyJson.Options)!, new ExpectedVersion([change.BasedOn[0].Version]), audit,
            cancellation);

    public async Task<History> HistoryAsync(CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        var (items, from) = (new List<ResourceHistoryItem>(), Shown(ApprovalPolicy.None));
        var events = await record.AllAsync(session, cancellation);
        var signatures = await ResourceHistoryItem.SignaturesAsync(database, events, cancellation);
        foreach (var e in events.AsEnumerable().Reverse())
        {
            var to = Shown(ApprovalPolicy.Of(e.Version, (ApprovalPolicyChanged)e.Data));
            items.Add(ResourceHistoryItem.Of(e, FieldChange.Between(from, to), signatures));
            from = to;
        }

        items.Reverse();
        return new(items);
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var policy = routes.MapGroup("/api/v1/approval-policy").WithTags("approvals");
        policy.MapGet("", async (HttpContext http, ChangePolicy change) =>
        {
            var answer = await change.ReadAsync(http.RequestAborted);
            http.Response.Headers.ETag = $"\"{answer.Version}\"";
            return answer;
        }).Requires(Permission.ConfigurationRead)
            .Document("getApprovalPolicy", "Read the approval policy", "Which changes need a second person, a signature or a reason.");

        policy.MapPut("", async (HttpContext http, ChangePolicy change) =>
        {
            var expected = http.IfMatch();
            var request = await http.Request.ReadAsync<Request>();
            var answer = await change.ChangeAsync(request, expected, http.Audit(), http.RequestAborted);
            http.Response.Headers.ETag = $"\"{answer.Version}\"";
            return answer;
        }).Requires(Permission.PeopleManage).MayNeedApproval(ApprovalPolicy.OwnKind).ChangesVersion()
            .Document(
                "replaceApprovalPolicy", "Replace the approval policy",
                "When any kind of change needs approval, this one does too, whether it makes the policy stricter or less strict.")
            .Takes<Request>("""{ "kinds": ["rule", "service"], "signature": "none", "reason": "optional" }""");

        policy.MapGet("/history", (HttpContext http, ChangePolicy change) => change.HistoryAsync(http.RequestAborted))
            .Requires(Permission.ConfigurationRead)
            .Document("getApprovalPolicyHistory", "History of the approval policy", "Every change, newest first, with who, when, why and who approved.");
    }

    private async Task<Answer> ChangeAsync(
        ApprovalPolicyChanged changed, ExpectedVersion? expected, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        // Serialises changes of the configuration, so that none is decided under a policy that is being replaced.
        await ConfigurationStamp.AdvanceAsync(session, cancellation);
        var current = await record.ReadAsync(session, cancellation);
        if (expected is null) throw new ProblemException(428, "If-Match is required.",
            $"Send the version you have read, from the ETag. The {Name} is now at version {current.Version}: If-Match: \"{current.Version}\".");
        if (!expected.Matches(current.Version)) throw new ProblemException(412, "The resource was changed in the meantime.",
            $"The {Name} is at version {current.Version}. Read it again and repeat the change.");
        var next = ApprovalPolicy.Of(current.Version + 1, changed);
        var changes = FieldChange.Between(Shown(current), Shown(next));
        if (changes.Count == 0) return AnswerOf(current);
        var change = new ChangeToApprove(
            ApprovalPolicy.OwnKind, "replace", ApprovalPolicy.Stream, Name, changes, [new(ApprovalPolicy.Stream, current.Version)],
            JsonSerializer.SerializeToNode(changed, NotifyJson.Options)!.AsObject());
        audit = await approvals.PassAsync(session, change, audit, commit: null, cancellation);
        var events = batches.New();
        events.Append(ApprovalPolicy.Stream, next.Version, changed, audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        return AnswerOf(next);
    }

    private static Answer AnswerOf(ApprovalPolicy x) => new(x.Kinds, x.Signature, x.Reason, x.ReasonKinds, x.Version);

    private static JsonObject Shown(ApprovalPolicy policy)
    {
        var shown = JsonSerializer.SerializeToNode(AnswerOf(policy), NotifyJson.Options)!.AsObject();
        shown.Remove("version");
        return shown;
    }
}
