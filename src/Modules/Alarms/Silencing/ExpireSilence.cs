using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Alarms.Silences;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Silencing;

/// <summary><c>POST /silences/{id}/expire</c> and <c>DELETE /api/v2/silence/{id}</c>: ends the silence now, and unshelves its alarms. One that has
/// ended stays unchanged.</summary>
public sealed class ExpireSilence(SilenceWriter writer, ApplySilence apply, TimeProvider time)
{
    /// <returns>The silence afterwards.</returns>
    /// <exception cref="ProblemException">404: the silence does not exist, or the caller may not see it.</exception>
    public async Task<SilenceView> RunAsync(string id, AuditContext audit, CancellationToken cancellation)
    {
        var silence = await writer.ExpireAsync(id, audit, cancellation);
        await apply.RunAsync(silence, audit, cancellation);
        return SilenceView.Of(silence, time.GetUtcNow());
    }

    public static void Map(RouteGroupBuilder silences) =>
        silences.MapPost("/{id}/expire", (string id, HttpContext http, ExpireSilence expire) =>
            expire.RunAsync(id, http.Audit(), http.RequestAborted)).Idempotent().Requires(Permission.AlarmsShelve).KeepsToPaths()
            .Document("expireSilence", "End a silence", "The alarms that it shelves are unshelved, unless another silence matches them.")
            .Answers<SilenceView>();
}
