using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Alarms.Silences;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Silencing;

/// <summary><c>POST /silences/{id}/expire</c> and <c>DELETE /api/v2/silence/{id}</c>: the silence ends now, and its alarms count again. One that has
/// ended stays as it is.</summary>
public sealed class ExpireSilence(SilenceWriter writer, ApplySilence apply, TimeProvider time)
{
    /// <returns>The silence as it is afterwards.</returns>
    /// <exception cref="ProblemException">404.</exception>
    public async Task<SilenceView> RunAsync(string id, AuditContext audit, CancellationToken cancellation)
    {
        var silence = await writer.ExpireAsync(id, audit, cancellation);
        await apply.RunAsync(silence, audit, cancellation);
        return SilenceView.Of(silence, time.GetUtcNow());
    }

    public static void Map(RouteGroupBuilder silences) =>
        silences.MapPost("/{id}/expire", (string id, HttpContext http, ExpireSilence expire) =>
            expire.RunAsync(id, http.Audit(), http.RequestAborted)).Idempotent().Requires(Permission.AlarmsShelve).KeepsToPaths()
            .Document("expireSilence", "End a silence", "The alarms that it shelves count again, unless another silence matches them.")
            .Answers<SilenceView>();
}
