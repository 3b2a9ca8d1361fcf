using Microsoft.AspNetCore.Http;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake;

internal static class IntakeEndpoint
{
    /// <summary>The meaning of 202.</summary>
    public const string Durable = "On durable storage.";

    /// <summary>202: what was accepted is on durable storage. Faults and warnings are in the caller's language.</summary>
    public static IResult Accepted(this HttpContext http, IntakeAnswer answer) => Results.Json(
        new IntakeAnswer(
            [.. answer.Accepted.Select(x => x.Warnings is null ? x : x with { Warnings = http.InCallersLanguage(x.Warnings) })],
            [.. answer.Rejected.Select(x => x with { Errors = http.InCallersLanguage(x.Errors) })]),
        NotifyJson.Options, statusCode: 202);
}
