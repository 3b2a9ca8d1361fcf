using System.Text.Json.Serialization;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

/// <param name="Name">Stored as <c>displayName</c>: the proofs commit to this field separately, so that it can be erased alone.</param>
public sealed record UserCreated([property: JsonPropertyName("displayName")] string Name, string Description, UserSettings Settings)
    : IResourceCreated<UserSettings>;

/// <inheritdoc cref="UserCreated"/>
public sealed record UserChanged([property: JsonPropertyName("displayName")] string Name, string Description, UserSettings Settings)
    : IResourceChanged<UserSettings>;

public sealed record UserEnabled : IResourceEnabled;

public sealed record UserDisabled : IResourceDisabled;

public sealed record UserDeleted : IResourceDeleted;

/// <summary>A person who signs in, is notified, or both. Display names need not be unique; user names are, ignoring case. Stream
/// <c>user-…</c>.</summary>
public sealed class User : Resource<UserSettings>;

public sealed partial class UserProjection : ResourceProjection<User, UserSettings>
{
    protected override string UniqueOf(string name, UserSettings settings) => settings.UserName;
}
