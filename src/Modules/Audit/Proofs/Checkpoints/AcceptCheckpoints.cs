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
/// Somebody said that checkpoints are signed again from what is there now, though something of what was signed before is missing or another: after a
/// backup was restored, say. Stream <c>audit-baseline-…</c>.
/// </summary>
/// <param name="Refused">Why nothing was signed.</param>
/// <param name="Size">Of the last checkpoint that still fits; what is beyond it is vouched for by this word only.</param>
/// <param name="Dropped">The checkpoints that do not fit, as the database had them, up to a hundred.</param>
/// <param name="DroppedCount">How many there were.</param>
/// <param name="File">Where the file with the checkpoints of before is kept now; null: there was none.</param>
/// <param name="UpTo">The last event that had a leaf: records before it are taken as they are.</param>
/// <param name="Seal">Shows that this installation wrote the record.</param>
public sealed record CheckpointsAccepted(
    string Reason, string Refused, long Size, IReadOnlyList<string> Dropped, long DroppedCount, string? File, long UpTo, string? Seal);

/// <summary><c>POST /audit/checkpoints/accept</c>: the way back when nothing is signed any more.</summary>
public sealed class AcceptCheckpoints(CheckpointSigner signer, EventBatches batches, IDocumentStore store)
{
    private sealed record Request([property: Required] string? Reason = null);

    /// <param name="reason">From 1 to 500 characters.</param>
    /// <exception cref="ProblemException">400: the reason; or why nothing can be accepted.</exception>
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
