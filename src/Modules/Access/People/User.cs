using System.Text.Json.Serialization;
using Notify.Kernel.Resources;

namespace Notify.Access.People;

/// <param name="Name">Stored as <c>displayName</c>, the name under which texts about persons are committed to one by one and can be erased
/// alone.</param>
public sealed record UserCreated([property: JsonPropertyName("displayName")] string Name, string Description, UserSettings Settings)
    : IResourceCreated<UserSettings>;

/// <inheritdoc cref="UserCreated"/>
public sealed record UserChanged([property: JsonPropertyName("displayName")] string Name, string Description, UserSettings Settings)
    : IResourceChanged<UserSettings>;

public sealed record UserEnabled : IResourceEnabled;

public sealed record UserDisabled : IResourceDisabled;

public sealed record UserDeleted : IResourceDeleted;

/// <summary>
/// A person: who signs in, who is notified, or both. Two may have the same name (<c>Name</c>, as it is printed); the user name tells them apart,
/// whatever its case. Stream <c>user-…</c>.
/// </summary>
public sealed class User : Resource<UserSettings>;

public sealed partial class UserProjection : ResourceProjection<User, UserSettings>
{
    protected override string UniqueOf(string name, UserSettings settings) => settings.UserName;
}
