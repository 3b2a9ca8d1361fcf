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

/// <summary><c>POST /api/v1/reports/{serviceId}</c>: a platform reports on messages that it has accepted. Notifications that wait for their result
/// ask for it at once; only the platform's answer decides the outcome.</summary>
public sealed class ReceiveReports(
    CurrentServices services, ChannelCatalog channels, NpgsqlDataSource database, LaneWaking waking, PublicAddress address, TimeProvider time)
{
    private const string Path = "api/v1/reports/";
    private const int MostBytes = 64 * 1024;

    /// <summary>The address to which the platform of a service can report; null: the platform cannot reach this installation, or does not
    /// report.</summary>
    public static Uri? AddressOf(PublicAddress address, IChannel channel, string serviceId)
    {
        if (channel.Reports is null || !address.IsGiven) return null;
        var uri = new Uri(address.LinkTo($"{Path}{Uri.EscapeDataString(serviceId)}"));
        return uri.IsLoopback ? null : uri;
    }

    /// <exception cref="ProblemException">404: no service with this id can receive reports; 403: the platform has not signed the report.</exception>
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
            .WithTags("notifications").Open("The platform signs its reports; a report without a valid signature changes nothing.")
            .Document(
                "receiveReport", "Receive a platform's report",
                "Platforms call this when the state of an accepted message changes (Twilio: the status callback of each message). The signature is "
                + "checked, and the platform is then asked for the result at once.");
}
