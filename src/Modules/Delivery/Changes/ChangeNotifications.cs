using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Delivery.Changes;

/// <summary><c>POST /notifications/resend</c>, <c>/dismiss</c> and <c>/cancel</c>: up to 1,000 notifications by id, with an outcome for
/// each.</summary>
public sealed class ChangeNotifications(NotificationChange change)
{
    private const int MostIds = 1000;

    private sealed record Request([property: Required] IReadOnlyList<string?>? Ids, string? Reason);

    public sealed record Answer(IReadOnlyList<NotificationChanged> Items);

    /// <param name="ids">1 to 1,000.</param>
    /// <param name="reason">1 to 500 characters; optional for a resend.</param>
    /// <exception cref="ProblemException">400: the ids or the reason are invalid.</exception>
    public async Task<Answer> RunAsync(
        NotificationVerb verb, IReadOnlyList<string?>? ids, string? reason, AuditContext audit, CancellationToken cancellation)
    {
        if (ids is not { Count: > 0 and <= MostIds } || ids.Any(string.IsNullOrEmpty)) throw ProblemException.Invalid("ids", "Give 1 to 1000 ids.");
        string[] distinct = [.. ids.Select(x => x!).Distinct(StringComparer.Ordinal)];
        var checkedReason = ReasonFor(verb, reason);
        var allowed = await change.AllowedAsync(distinct, cancellation);
        var changed = allowed.Count == 0 ? [] : await change.ApplyAsync(verb, checkedReason, allowed, audit, null, cancellation);
        var outcomes = changed.ToDictionary(x => x.Id, StringComparer.Ordinal);
        return new([.. distinct.Select(x => outcomes.GetValueOrDefault(x) ?? new(x, "notFound"))]);
    }

    public static void Map(RouteGroupBuilder group)
    {
        Map("/resend", NotificationVerb.Resend).Document(
            "resendNotifications", "Resend failed notifications",
            "The answer has an outcome for each id: resent, with the id of the new notification, notFound or notFailed.")
            .Takes<Request>("""{ "ids": ["notification-…"] }""");
        Map("/dismiss", NotificationVerb.Dismiss).Document(
            "dismissNotifications", "Dismiss failed notifications",
            "They leave the failed list and stay in the history. The answer has an outcome for each id.")
            .Takes<Request>("""{ "ids": ["notification-…"], "reason": "Told by phone" }""");
        Map("/cancel", NotificationVerb.Cancel).Document(
            "cancelNotifications", "Cancel waiting notifications",
            "Notifications that wait for their pace, a retry or a blocked lane are no longer sent. The answer has an outcome for each id.")
            .Takes<Request>("""{ "ids": ["notification-…"], "reason": "A test of the plant" }""");

        RouteHandlerBuilder Map(string path, NotificationVerb verb) => group.MapPost(path, async (HttpContext http, ChangeNotifications change) =>
        {
            var request = await http.Request.ReadAsync<Request>();
            return await change.RunAsync(verb, request.Ids, request.Reason, http.Audit(), http.RequestAborted);
        }).Idempotent().Requires(Permission.NotificationsResend).KeepsToPaths();
    }

    /// <exception cref="ProblemException">400: the reason is missing or too long.</exception>
    internal static string? ReasonFor(NotificationVerb verb, string? reason)
    {
        var given = reason?.Trim() ?? "";
        if (verb == NotificationVerb.Resend && given.Length == 0) return null;
        return given.Length is 0 or > 500 ? throw ProblemException.Invalid("reason", "A reason is required, of at most 500 characters.") : given;
    }
}
