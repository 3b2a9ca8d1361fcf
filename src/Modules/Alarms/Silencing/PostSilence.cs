using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Alarms.Silences;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Silencing;

/// <summary><c>POST /api/v2/silences</c>: creates a silence or, with its <c>id</c>, changes it, as amtool and Grafana do. Matching alarms are shelved
/// before the answer is sent.</summary>
public sealed class PostSilence(SilenceWriter writer, ApplySilence apply, TimeProvider time)
{
    public sealed record Answer(string SilenceID);

    /// <param name="first">Identifies a request that the caller may repeat, so that it creates one silence only.</param>
    /// <exception cref="ProblemException">400: fields are invalid; 404: the silence to change does not exist.</exception>
    public async Task<Answer> RunAsync(JsonElement body, AuditContext audit, FirstRequest? first, CancellationToken cancellation)
    {
        var silences = await writer.SetAsync(SilenceBody.Read(body, time.GetUtcNow()), audit, cancellation, first);
        // The new silence first, so that alarms that match both stay shelved.
        foreach (var silence in silences.Reverse()) await apply.RunAsync(silence, audit, cancellation);
        return new(silences[^1].Id);
    }

    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("/silences", async (HttpContext http, PostSilence post) =>
        {
            using var body = await http.Request.ReadJsonAsync();
            return await post.RunAsync(body.Root, http.Audit(), http.FirstRequest(), http.RequestAborted);
        }).Idempotent().Requires(Permission.AlarmsShelve).KeepsToPaths();
}
