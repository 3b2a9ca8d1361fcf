using System.Security.Cryptography;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Testing;

/// <summary>API keys of roles.</summary>
public static class RoleKeys
{
    /// <summary>A client with a new key that has this role. The key is put on record as any other; only tests can ask for one so.</summary>
    public static async Task<HttpClient> ClientOfRoleAsync(this NotifyHost host, string role)
    {
        var key = $"ntf_{RandomNumberGenerator.GetHexString(40, lowercase: true)}";
        var fingerprint = host.Services.GetRequiredService<SecretVault>().Fingerprint(key);
        await using var session = host.Services.GetRequiredService<IDocumentStore>().LightweightSession();
        await session.BeginTransactionAsync(CancellationToken.None);
        AuditContext.OfSystem("role-keys").ApplyTo(session);
        session.Events.StartStream<ApiKey>(
            Ids.New("apikey", host.Services.GetRequiredService<TimeProvider>().GetUtcNow()), new ApiKeyCreated($"the {role}", role, fingerprint));
        await session.SaveChangesAsync();
        return host.ClientWith(key);
    }
}
