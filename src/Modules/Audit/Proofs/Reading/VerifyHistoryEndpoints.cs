using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Proofs.Verification;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;

namespace Notify.Audit.Proofs.Reading;

/// <summary><c>POST /audit/verify</c>: verifies everything or the events of a period; <c>GET /audit/verify</c>: the progress, and the last result of
/// this node.</summary>
public static class VerifyHistoryEndpoints
{
    private sealed record Request(DateTimeOffset? From = null, DateTimeOffset? To = null);

    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapPost("/verify", async (HttpContext http, Verifications verifications) =>
        {
            var request = http.Request.ContentLength is null or 0 && !http.Request.HasJsonContentType()
                ? new Request() : await http.Request.ReadAsync<Request>();
            return InCallersLanguage(http, await verifications.VerifyAsync(request.From, request.To, http.Audit(), http.RequestAborted));
        }).Requires(Permission.HistoryVerify)
            .Document(
                "verifyAudit", "Verify the history",
                "All of it or a period: whether every entry is still as it was written, and the first that is not.")
            .Takes<Request>("""{ "from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z" }""").ProducesProblem(StatusCodes.Status409Conflict);
        audit.MapGet("/verify", (HttpContext http, Verifications verifications) =>
            verifications.State is { Last: { } last } state ? state with { Last = InCallersLanguage(http, last) } : verifications.State)
                .Requires(Permission.HistoryRead)
            .Document("getVerification", "Result of the last verification", "A verification also runs automatically every day.");
    }

    private static VerificationResult InCallersLanguage(HttpContext http, VerificationResult result)
    {
        return result with { FirstBad = result.FirstBad is { } first ? Of(first) : null, Findings = [.. result.Findings.Select(Of)] };

        Finding Of(Finding finding) => finding with { Explanation = http.InCallersLanguage(finding.Explanation) };
    }
}
