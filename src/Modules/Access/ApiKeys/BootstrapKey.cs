using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Secrets;

namespace Notify.Access.ApiKeys;

/// <summary>
/// The first API key, an administrator's. It is taken from <c>Notify:Auth:BootstrapKey</c>, or generated at the first start, printed once on the
/// console and kept in a file that only its owner can read. Once one is recorded, no start records another, even if it was revoked since. A node
/// with a different setting logs that and changes nothing: its settings may be outdated, and users of the recorded key would be locked out. To
/// replace the key, one names its fingerprint (<see cref="ReplaceSetting"/>). After the replacement that setting has no effect, so it may stay in
/// place.
/// </summary>
public sealed class BootstrapKey(
    PeopleCache people, IDocumentStore store, SecretVault vault, IConfiguration configuration, TimeProvider time,
    ILogger<BootstrapKey> logger) : IHostedService
{
    public const string FileName = "bootstrap.key";
    public const string ReplaceSetting = "Notify:Auth:ReplacesBootstrapKey";
    private const string Setting = "Notify:Auth:BootstrapKey";
    private const string Name = "bootstrap";
    private const int MinLength = 12;

    private string File => Path.Combine(configuration["Notify:DataDirectory"]!, FileName);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Whatever its name is now: only Notify itself creates this key.
        var recorded = (await people.ReadAsync(cancellationToken)).Keys.Where(x => x.CreatedBy.Kind == Actor.SystemKind).ToList();
        var given = configuration[Setting];
        if (string.IsNullOrWhiteSpace(given))
        {
            if (recorded.Count == 0) await RecordAsync(Make(), null, cancellationToken);
            else WarnIfOther(await KeptAsync(cancellationToken), File, recorded);
            return;
        }

        if (given.Length < MinLength) throw new StartException($"{Setting} must have at least {MinLength} characters.");
        if (recorded.Count == 0) await RecordAsync(given, null, cancellationToken);
        else if (recorded.Find(x => FingerprintOf(x) == configuration[ReplaceSetting]?.Trim()) is { } replaced
            // A setting that stayed in place after a replacement names a key that was revoked by it.
            && (replaced.Enabled || !recorded.Exists(x => x.Enabled))
            && recorded.TrueForAll(x => FingerprintOf(x) != vault.Fingerprint(given)))
            await RecordAsync(given, replaced, cancellationToken);
        else WarnIfOther(given, Setting, recorded);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string FingerprintOf(ApiKey key) => key.Settings.Secrets[0].Fingerprint;

    private void WarnIfOther(string? key, string where, List<ApiKey> recorded)
    {
        if (key is null || recorded.Exists(x => FingerprintOf(x) == vault.Fingerprint(key))) return;
        var last = recorded.FindLast(x => x.Enabled) ?? recorded[^1];
        logger.LogCritical(
            "The administrator's key in {Where} is not the one on record and is refused. The key on record has the fingerprint {Fingerprint} and {State}. "
            + "To replace it with the configured key, start once with {Setting}={Fingerprint}",
            where, FingerprintOf(last), last.Enabled ? "stays valid" : "is revoked", ReplaceSetting, FingerprintOf(last));
    }

    /// <param name="replaced">Is revoked, unless it is already.</param>
    private async Task RecordAsync(string key, ApiKey? replaced, CancellationToken cancellation)
    {
        var audit = AuditContext.OfSystem(Ids.NewGuid(time.GetUtcNow()).ToString("N"),
            reason: replaced is null ? "start" : "the administrator's key was replaced by the settings");
        await using var session = store.LightweightSession();
        // Begun here, so that the event's number is taken within the transaction; otherwise the event follower could miss the event.
        await session.BeginTransactionAsync(cancellation);
        audit.ApplyTo(session);
        if (replaced is { Enabled: true })
        {
            session.Events.Append(replaced.Id, new ApiKeyRevoked());
            logger.LogWarning("The administrator's key with the fingerprint {Fingerprint} was revoked and replaced by the configured key",
                FingerprintOf(replaced));
        }

        session.Events.StartStream<ApiKey>(
            Ids.New("apikey", time.GetUtcNow()), new ApiKeyCreated(Name, BuiltInRoles.AdministratorName, vault.Fingerprint(key)));
        await session.SaveChangesAsync(cancellation);
    }

    private string Make()
    {
        var key = ApiKeyText.New();
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(File, options)) writer.WriteLine(key);
        Console.WriteLine($"""

            First start: this is the administrator's API key. It is shown only once, and stored in {File}.

                {key}

            """);
        return key;
    }

    private async Task<string?> KeptAsync(CancellationToken cancellation) =>
        System.IO.File.Exists(File) ? (await System.IO.File.ReadAllTextAsync(File, cancellation)).Trim() : null;
}
