using System.Text.Json.Serialization;
using JasperFx.Events;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

/// <summary>An API key was created, in the form from before keys had scopes, still used for the bootstrap key. The key itself is shown once and not
/// stored; its keyed hash identifies it.</summary>
public sealed record ApiKeyCreated(string Name, string Role, string Fingerprint) : IResourceCreated<ApiKeySettings>
{
    string IResourceCreated<ApiKeySettings>.Description => "";

    ApiKeySettings IResourceCreated<ApiKeySettings>.Settings => new() { Roles = [BuiltInRoles.IdOf(Role)], Secrets = [new(Fingerprint)] };
}

public sealed record ApiKeyIssued(string Name, string Description, ApiKeySettings Settings) : IResourceCreated<ApiKeySettings>;

public sealed record ApiKeyChanged(string Name, string Description, ApiKeySettings Settings) : IResourceChanged<ApiKeySettings>;

/// <summary>The key got a new secret.</summary>
/// <param name="OverlapHours">How long the previous secret stays valid.</param>
public sealed record ApiKeyRotated(string Name, string Description, ApiKeySettings Settings, int OverlapHours) : IResourceChanged<ApiKeySettings>;

/// <summary>The key was revoked for good; it stays on record.</summary>
public sealed record ApiKeyRevoked : IResourceDisabled;

/// <summary>A credential for programs that send alarms or use the API. Stream <c>apikey-…</c>.</summary>
public sealed class ApiKey : Resource<ApiKeySettings>
{
    /// <summary>The ids of those who rotated it, and so were given a secret of it, as its creator was.</summary>
    public IReadOnlyList<string> RotatedBy { get; set; } = [];

    /// <summary>Whether one of its secrets was given to one of these.</summary>
    public bool WasGivenTo(IReadOnlySet<string> ids) => ids.Contains(CreatedBy.Id) || RotatedBy.Any(ids.Contains);

    /// <summary>Why this secret is not valid at an instant; null: it is valid.</summary>
    /// <param name="fingerprint">The fingerprint of one of its secrets.</param>
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
    /// <summary>Names of keys need not be unique: a new bootstrap key has the name of the one that it replaces.</summary>
    public override ApiKey? Evolve(ApiKey? snapshot, string id, IEvent e)
    {
        snapshot = base.Evolve(snapshot, id, e);
        if (snapshot is null) return null;
        snapshot.NameKey = $"{Kernel.Names.KeyOf(snapshot.Name)} {id}";
        if (e.Data is ApiKeyRotated && !snapshot.RotatedBy.Contains(e.Actor().Id)) snapshot.RotatedBy = [.. snapshot.RotatedBy, e.Actor().Id];
        return snapshot;
    }
}

public sealed record ApiKeySettings
{
    /// <summary>How many secrets are kept, so that users of previous ones are told why they are refused.</summary>
    private const int MostSecrets = 6;

    /// <summary>The current one first.</summary>
    public IReadOnlyList<ApiKeySecret> Secrets { get; init => field = value ?? []; } = [];

    /// <summary>Ids of roles.</summary>
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>Names of permissions in addition to those of the roles.</summary>
    public IReadOnlyList<string> Permissions { get; init => field = value ?? []; } = [];

    /// <summary>Patterns for the paths of the alarms that the key may see, report and act on; empty: all.</summary>
    public IReadOnlyList<string> Paths { get; init => field = value ?? []; } = [];

    /// <summary>Null: it does not expire.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The longest time between two reports, in minutes; after that the key counts as silent (<see cref="ApiKeys.SenderSilence"/>). Null: no
    /// limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ExpectEvery { get; init; }

    /// <summary>These settings with a new secret. The previous ones end at <paramref name="until"/>, or earlier if they would anyway.</summary>
    public ApiKeySettings Rotated(string fingerprint, DateTimeOffset until) => this with
    {
        Secrets =
        [
            new(fingerprint),
            .. Secrets.Select(x => x.Until <= until ? x : x with { Until = until }).Take(MostSecrets - 1),
        ],
    };
}

/// <param name="Fingerprint">A keyed hash, which identifies the secret without storing it.</param>
/// <param name="Until">When it stops being valid; null: it is the current one.</param>
public sealed record ApiKeySecret(
    string Fingerprint, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? Until = null);
