using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Notify.Access.People;

/// <summary>An API key was made. The key itself is shown once and never kept; its keyed hash finds it again.</summary>
public sealed record ApiKeyCreated(string Name, string Role, string Fingerprint);

public sealed record ApiKeyRevoked;

/// <summary>A credential for programs. Stream <c>apikey-…</c>.</summary>
public sealed class ApiKey
{
    public string Id { get; set; } = "";
    public string Name { get; set; } = "";
    public string Role { get; set; } = "";

    /// <summary>A keyed hash: finds the key without keeping it.</summary>
    public string Fingerprint { get; set; } = "";

    public bool Revoked { get; set; }
}

public sealed partial class ApiKeyProjection : SingleStreamProjection<ApiKey, string>
{
    public override ApiKey? Evolve(ApiKey? snapshot, string id, IEvent e)
    {
        switch (e.Data)
        {
            case ApiKeyCreated created:
                return new ApiKey { Id = id, Name = created.Name, Role = created.Role, Fingerprint = created.Fingerprint };
            case ApiKeyRevoked:
                snapshot?.Revoked = true;
                break;
        }

        return snapshot;
    }
}
