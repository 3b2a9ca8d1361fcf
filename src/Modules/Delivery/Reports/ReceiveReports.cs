using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels;
using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Reports;

/// <summary>
/// <c>POST /api/v1/reports/{serviceId}</c>: a platform reports what became of messages that it has accepted. Those that wait to be asked for are
/// asked for at once; what they have become, the platform's answer says.
/// </summary>
public sealed class ReceiveReports(
    CurrentServices services, ChannelCatalog channels, NpgsqlDataSource database, LaneWaking waking, PublicAddress address, TimeProvider time)
{
    private const string Path = "api/v1/reports/";
    private const int MostBytes = 64 * 1024;

    /// <summary>Where the platform of a service may report; null: it could not come here.</summary>
    public static Uri? AddressOf(PublicAddress address, IChannel channel, string serviceId)
    {
        if (channel.Reports is null || !address.IsGiven) return null;
        var uri = new Uri(address.LinkTo($"{Path}{Uri.EscapeDataString(serviceId)}"));
        return uri.IsLoopback ? null : uri;
    }

    /// <exception cref="ProblemException">404: there is no service of which anything could be reported; 403: the report is not the
    /// platform's.</exception>
    public async Task RunAsync(string serviceId, Func<string, string?> header, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var service = (await services.GetAsync(cancellation)).Find(serviceId);
        if (service is null || channels.Find(service.Type) is not { Reports: { } reports }) throw ProblemException.NotFound("service", serviceId);
        var sentTo = new Uri(address.LinkTo($"{Path}{Uri.EscapeDataString(serviceId)}"));
        var messages = await reports.ReadAsync(new(sentTo, header, body), service.Routes, cancellation)
            ?? throw new ProblemException(StatusCodes.Status403Forbidden, "Not allowed.", "The platform has not signed this report.");
        if (messages.Count == 0) return;
        string[] lanes = [.. service.Routes.Lanes.Select(x => x.Lane)];
        var asked = await NotificationUpdates.AskNowAsync(database, lanes, [.. messages], time.GetUtcNow(), cancellation);
        if (asked.Count > 0) waking.Wake(asked);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/" + Path + "{serviceId}", async (string serviceId, HttpContext http, ReceiveReports reports) =>
            {
                var (wrong, from) = (http.RequestServices.GetRequiredService<WrongKeys>(), RequestAudit.AddressOf(http));
                if (wrong.MustWait(from) is { } wait)
                {
                    throw new ProblemException(
                        StatusCodes.Status429TooManyRequests, "Too many requests.", "Too many reports without a signature came from this address.")
                    { RetryAfter = (int)Math.Ceiling(wait.TotalSeconds) };
                }

                var body = await http.Request.ReadBytesAsync(MostBytes);
                try
                {
                    await reports.RunAsync(serviceId, x => http.Request.Headers[x], body, http.RequestAborted);
                }
                catch (ProblemException e) when (e.Status is StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound)
                {
                    wrong.Note(from);
                    throw;
                }

                return TypedResults.NoContent();
            })
            .WithTags("notifications").Open("The platform signs what it reports; without its signature nothing is believed, and nothing changes.")
            .Document(
                "receiveReport", "Take a platform's report",
                "Platforms call this when the state of a message changes that they have accepted (Twilio: the status callback of each message). The signature is "
                + "checked, and what waits for that message is asked for at once.");
}
