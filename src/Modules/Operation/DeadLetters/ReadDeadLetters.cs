using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Npgsql;
using Wolverine.Persistence.Durability.DeadLetterManagement;
using Wolverine.Runtime;

namespace Notify.Operation.DeadLetters;

/// <param name="SentAt">When the message was sent first.</param>
/// <param name="IsReplaying">A replay was requested and follows within seconds.</param>
/// <param name="Alarms">The alarms it concerns, of which people may not have been notified.</param>
public sealed record DeadLetterView(
    string Id, string MessageType, DateTimeOffset SentAt, string Fault, string Detail, bool IsReplaying, IReadOnlyList<ConcernedAlarm> Alarms,
    int Notifications)
{
    internal static DeadLetterView Of(Letter letter) => new(
        letter.Id, letter.Envelope.MessageType, letter.Envelope.SentAt, letter.Envelope.ExceptionType, letter.Detail, letter.Envelope.Replayable,
        letter.Alarms,
        letter.Notifications.Count);
}

/// <summary>
/// <c>GET /operation/dead-letters</c>: messages between modules that could not be handled, after all retries. That is a fault of Notify or of its
/// store, never of an alarm; the work that such a message requests is not done until it is replayed.
/// </summary>
public sealed class ReadDeadLetters(IWolverineRuntime wolverine, NpgsqlDataSource database, KnownSecrets secrets)
{
    /// <param name="page">From 1 on.</param>
    /// <param name="pageSize">From 1 to 200.</param>
    public async Task<Page<DeadLetterView>> ListAsync(int page, int pageSize, CancellationToken cancellation)
    {
        var found = await wolverine.Storage.DeadLetters.QueryAsync(
            new DeadLetterEnvelopeQuery { PageNumber = page, PageSize = pageSize }, cancellation);
        var letters = await Letter.WithoutRecordedAsync([.. found.Envelopes.Select(x => Letter.Of(x, secrets))], database, cancellation);
        return new([.. letters.Select(DeadLetterView.Of)], page, pageSize, found.TotalCount);
    }

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("", async (HttpContext http, ReadDeadLetters read) =>
        {
            var query = http.Query();
            var (page, size) = (query.Number("page", 1, 1, 1_000_000), query.Number("pageSize", 20, 1, 200));
            query.ThrowIfInvalid();
            return await read.ListAsync(page, size, http.RequestAborted);
        }).Query(QueryParameter.Page, QueryParameter.PageSize).Requires(Permission.OperationRead)
            .Document(
                "listDeadLetters", "List dead letters",
                "Internal messages that could not be handled after all retries, with the alarms they concern. Health is degraded while there "
                + "are any.");
}
