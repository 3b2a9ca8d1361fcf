using System.ComponentModel.DataAnnotations;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// An administrator accepted the present history as the one to sign, although something signed before is missing or different, for example after a
/// backup was restored. Stream <c>audit-baseline-…</c>.
/// </summary>
/// <param name="Refused">Why signing was refused.</param>
/// <param name="Size">The size of the last checkpoint that still matches; entries beyond it are vouched for by this record only.</param>
/// <param name="Dropped">The checkpoints that do not match, as stored in the database, at most 100.</param>
/// <param name="DroppedCount">How many did not match.</param>
/// <param name="File">Where the previous file of checkpoints is kept now; null: there was none.</param>
/// <param name="UpTo">The last event that had a leaf; records up to it are accepted as they are.</param>
/// <param name="Seal">Proves that this installation wrote the record.</param>
public sealed record CheckpointsAccepted(
    string Reason, string Refused, long Size, IReadOnlyList<string> Dropped, long DroppedCount, string? File, long UpTo, string? Seal);

/// <summary><c>POST /audit/checkpoints/accept</c>: resumes signing after it was refused.</summary>
public sealed class AcceptCheckpoints(CheckpointSigner signer, EventBatches batches, IDocumentStore store)
{
    private sealed record Request([property: Required] string? Reason = null);

    /// <param name="reason">From 1 to 500 characters.</param>
    /// <exception cref="ProblemException">400: the reason is invalid; 409: there is nothing to accept.</exception>
    public Task<CheckpointsAccepted> RunAsync(string? reason, AuditContext audit, CancellationToken cancellation)
    {
        var given = reason?.Trim() ?? "";
        if (given.Length is 0 or > 500 || !PlainText.IsStorable(given)) throw ProblemException.Invalid(
            "reason", "Give a reason, of at most 500 characters.");
        return signer.AcceptAsync(batches, store, audit with { Reason = given }, cancellation);
    }

    public static void Map(RouteGroupBuilder audit) =>
        audit.MapPost("/checkpoints/accept", async (HttpContext http, AcceptCheckpoints accept) =>
            await accept.RunAsync((await http.Request.ReadAsync<Request>()).Reason, http.Audit(), http.RequestAborted)).Idempotent()
                .Requires(Permission.OperationManage)
            .Document(
                "acceptCheckpoints", "Resume signing checkpoints",
                "After data that had been signed is missing, for example after restoring a backup. Requires a reason; recorded in the history.")
            .Takes<Request>("""{ "reason": "Restored from the backup of Sunday" }""");
}
