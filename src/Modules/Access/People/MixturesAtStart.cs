using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Notify.Access.People;

/// <summary>Logs at each start who has permissions of two administrators from before these were separated.</summary>
internal sealed class MixturesAtStart(PeopleCache people, ILogger<MixturesAtStart> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!people.IsSeparated) return;
        foreach (var (kind, name, mixture) in Separation.Mixtures(await people.ReadAsync(cancellationToken)))
            logger.LogWarning(
                "Administrators are separated, but the {Kind} {Name} has permissions of more than one of them: {Mixture}. Of these only those of the security "
                + "administrator count. Give a person one of the roles; revoke a key", kind, name, mixture);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
