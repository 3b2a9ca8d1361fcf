using System.Text.Json.Serialization;
using Notify.Kernel;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

public sealed record GroupCreated(string Name, string Description, GroupSettings Settings) : IResourceCreated<GroupSettings>;

public sealed record GroupChanged(string Name, string Description, GroupSettings Settings) : IResourceChanged<GroupSettings>;

public sealed record GroupEnabled : IResourceEnabled;

public sealed record GroupDisabled : IResourceDisabled;

public sealed record GroupDeleted : IResourceDeleted;

/// <summary>People who are notified together and share its roles. Stream <c>group-…</c>.</summary>
public sealed class Group : Resource<GroupSettings>;

public sealed partial class GroupProjection : ResourceProjection<Group, GroupSettings>;

public sealed record GroupSettings
{
    public const int MaxMembers = 5000;
    private const int MaxOidcGroup = 200;

    /// <summary>Ids of people, at most 5,000.</summary>
    public IReadOnlyList<string> Members { get; init => field = value ?? []; } = [];

    /// <summary>Names of roles that every member has while the group is enabled, in addition to their own.</summary>
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>A value of the identity provider's group claim. Each sign-in makes the person a member if the claim contains it, and otherwise
    /// removes them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OidcGroup { get; init; }

    internal void Validate(Errors errors)
    {
        if (Members.Count > MaxMembers) errors.Add("members", $"A group has at most {MaxMembers} members.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, id) in Members.Index())
            if (string.IsNullOrEmpty(id)) errors.Add($"members[{i}]", "Give the id of a person.");
            else if (!seen.Add(id)) errors.Add($"members[{i}]", "This is listed twice.");

        if (OidcGroup is { } group && (group.Length > MaxOidcGroup || Names.HiddenIn(group) is not null))
            errors.Add("oidcGroup", $"A group of the identity provider has at most {MaxOidcGroup} visible characters.");
    }
}
