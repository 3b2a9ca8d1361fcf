using System.Security.Cryptography;
using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Access.ApiKeys;

/// <summary>
/// The first way in: an administrator's key. It comes from <c>Notify:Auth:BootstrapKey</c>, or is made at first start, shown once on the console
/// and kept in a file that only its owner can read. A key that the setting no longer names is revoked.
/// </summary>
public sealed class BootstrapKey(IDocumentStore store, SecretVault vault, IConfiguration configuration, TimeProvider time) : IHostedService
{
    public const string FileName = "bootstrap.key";
    private const string Name = "bootstrap";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var given = configuration["Notify:Auth:BootstrapKey"];
        await using var session = store.LightweightSession();
        // An event's number is taken in the transaction that stores it, or the follower of the events could pass it by.
        await session.BeginTransactionAsync(cancellationToken);
        AuditContext.OfSystem(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), reason: "start").ApplyTo(session);
        var current = await session.Query<ApiKey>().Where(x => x.Name == Name && !x.Revoked).ToListAsync(cancellationToken);
        var file = Path.Combine(configuration["Notify:DataDirectory"]!, FileName);
        if (string.IsNullOrWhiteSpace(given))
        {
            if (current.Count > 0) return;
            given = NewKey();
            Write(file, given);
            Console.WriteLine($"""

                First start: this is the administrator's API key. It is shown only now, and kept in {file}.

                    {given}

                """);
        }

        var fingerprint = vault.Fingerprint(given);
        if (current.Any(x => x.Fingerprint == fingerprint)) return;
        if (given.Length < 12) throw new InvalidOperationException("Notify:Auth:BootstrapKey must have at least 12 characters.");
        foreach (var old in current) session.Events.Append(old.Id, new ApiKeyRevoked());
        session.Events.StartStream<ApiKey>(Ids.New("apikey", time.GetUtcNow()), new ApiKeyCreated(Name, Roles.Administrator, fingerprint));
        await session.SaveChangesAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>256 random bits.</summary>
    private static string NewKey() => "ntf_" + RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789", 44);

    private static void Write(string file, string key)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.WriteLine(key);
    }
}
