using System.Text.Json.Serialization;
using JasperFx.Events;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

/// <summary>An API key was made, in the form of versions before keys had scopes; the bootstrap key still is. The key itself is shown once and never
/// kept; its keyed hash finds it again.</summary>
public sealed record ApiKeyCreated(string Name, string Role, string Fingerprint) : IResourceCreated<ApiKeySettings>
{
    string IResourceCreated<ApiKeySettings>.Description => "";

    ApiKeySettings IResourceCreated<ApiKeySettings>.Settings => new() { Roles = [BuiltInRoles.IdOf(Role)], Secrets = [new(Fingerprint)] };
}

public sealed record ApiKeyIssued(string Name, string Description, ApiKeySettings Settings) : IResourceCreated<ApiKeySettings>;

public sealed record ApiKeyChanged(string Name, string Description, ApiKeySettings Settings) : IResourceChanged<ApiKeySettings>;

/// <summary>The key got a new secret.</summary>
/// <param name="OverlapHours">So long the one before stays valid.</param>
public sealed record ApiKeyRotated(string Name, string Description, ApiKeySettings Settings, int OverlapHours) : IResourceChanged<ApiKeySettings>;

/// <summary>It stays on record and is never valid again.</summary>
public sealed record ApiKeyRevoked : IResourceDisabled;

/// <summary>A credential for programs that send alarms or use the API. Stream <c>apikey-…</c>.</summary>
public sealed class ApiKey : Resource<ApiKeySettings>
{
    /// <summary>Null when this secret is valid at that time, and else why not.</summary>
    /// <param name="fingerprint">Of one of its secrets.</param>
    public string? FaultOf(string fingerprint, DateTimeOffset now)
    {
        if (!Enabled) return "This API key was revoked.";
        if (Settings.ExpiresAt <= now) return $"This API key expired at {Settings.ExpiresAt.Value.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z.";
        return Settings.Secrets.FirstOrDefault(x => x.Fingerprint == fingerprint)?.Until <= now
            ? "This API key was replaced by a new one, and its time is over." : null;
    }
}

public sealed partial class ApiKeyProjection : ResourceProjection<ApiKey, ApiKeySettings>
{
    /// <summary>Names of keys need not be unique: a bootstrap key that replaces another has its name.</summary>
    public override ApiKey? Evolve(ApiKey? snapshot, string id, IEvent e)
    {
        snapshot = base.Evolve(snapshot, id, e);
        snapshot?.NameKey = $"{Kernel.Names.KeyOf(snapshot.Name)} {id}";
        return snapshot;
    }
}

public sealed record ApiKeySettings
{
    /// <summary>How many previous secrets are kept, to tell their users why they are refused.</summary>
    private const int MostSecrets = 6;

    /// <summary>The current one first.</summary>
    public IReadOnlyList<ApiKeySecret> Secrets { get; init => field = value ?? []; } = [];

    /// <summary>Ids of roles.</summary>
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>Names of permissions beside those of the roles.</summary>
    public IReadOnlyList<string> Permissions { get; init => field = value ?? []; } = [];

    /// <summary>Patterns of the alarms that the key may see, report and act on; none: all.</summary>
    public IReadOnlyList<string> Paths { get; init => field = value ?? []; } = [];

    /// <summary>Null: it does not expire.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Minutes within which it reports at least once, or it counts as silent (<see cref="ApiKeys.SenderSilence"/>); null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ExpectEvery { get; init; }

    /// <summary>With a new secret; those before end at an instant, or when they would anyway.</summary>
    public ApiKeySettings Rotated(string fingerprint, DateTimeOffset until) => this with
    {
        Secrets =
        [
            new(fingerprint),
            .. Secrets.Select(x => x.Until <= until ? x : x with { Until = until }).Take(MostSecrets - 1),
        ],
    };
}

/// <param name="Fingerprint">A keyed hash: finds the secret without keeping it.</param>
/// <param name="Until">From then on it opens no more; null: it is the current one.</param>
public sealed record ApiKeySecret(
    string Fingerprint, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Until = null);
