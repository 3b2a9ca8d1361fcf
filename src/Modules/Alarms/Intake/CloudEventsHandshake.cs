using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake;

/// <summary><c>OPTIONS /intake/cloudevents</c>: a sender asks before its first event whether it may send here and how fast (HTTP 1.1 Web Hooks for
/// Event Delivery, section 4). This prevents senders from being directed at addresses that do not expect them. It needs no API key; sending events
/// does.</summary>
public static class CloudEventsHandshake
{
    private const string RequestOrigin = "WebHook-Request-Origin";
    private const string RequestRate = "WebHook-Request-Rate";

    public static void Map(RouteGroupBuilder intake) =>
        intake.MapMethods("/cloudevents", ["OPTIONS"], (HttpContext http) =>
        {
            var errors = new Errors();
            var (origin, rate) = (http.Request.Headers[RequestOrigin].ToString(), http.Request.Headers[RequestRate].ToString());
            if (origin.Length > 0 && !IsOrigin(origin)) errors.Add(RequestOrigin, "Give the sender's domain name, such as events.example.com.");
            if (rate.Length > 0 && rate != "*" && !(
                int.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
                errors.Add(RequestRate, "Give the requests per minute, a whole number of at least 1.");
            errors.ThrowIfAny();
            http.Response.Headers.Allow = "OPTIONS, POST";
            if (origin.Length > 0)
            {
                http.Response.Headers["WebHook-Allowed-Origin"] = origin;
                // Senders that are too fast get 503 with Retry-After.
                http.Response.Headers["WebHook-Allowed-Rate"] = rate.Length > 0 ? rate : "*";
            }

            return Results.Ok();
        }).Open("Asked before the first event, when a sender may have no key yet. It only learns that it may send.")
            .Document(
                "askToSendCloudEvents", "Ask whether events may be sent",
                "The handshake of CloudEvents web hooks: the sender and its rate are allowed. It needs no key; sending events does.")
            .Answers(StatusCodes.Status200OK, "The sender may send, at this rate.")
            .TakesHeader(RequestOrigin, "The domain of the sender.")
            .TakesHeader(RequestRate, "Requests per minute that the sender would like to send.")
            .GivesHeader("Allow", "The allowed methods.").GivesHeader("WebHook-Allowed-Origin", "The sender that asked.")
            .GivesHeader("WebHook-Allowed-Rate", "Requests per minute; * means no limit.");

    private static bool IsOrigin(string text) =>
        text.Length <= 253 && text.All(x => char.IsAsciiLetterOrDigit(x) || x is '.' or '-' or '_' or '*' or ':');
}
