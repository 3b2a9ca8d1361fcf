using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Wolverine;

namespace Notify.Access.People;

public sealed class ApiKeyKind(PeopleCache people, TimeProvider time) : ResourceKind<ApiKey, ApiKeySettings>
{
    /// <summary>An example of a request, for the OpenAPI document.</summary>
    public const string Example = """
        { "name": "SCADA line 1", "description": "Reports alarms of line 1", "roles": ["intake"], "paths": ["Site1/Line1/**"],
          "expiresAt": "2027-12-31T00:00:00Z", "expectEvery": 15 }
        """;

    /// <summary>Fields that only reads contain.</summary>
    private static readonly string[] shown = ["fingerprint", "previousUntil", "lastUsedAt"];

    public override string Noun => "apikey";
    public override string Table => "api_key";
    public override string Title => "API key";
    public override string Plural => "api-keys";
    public override Permission Reading => Permission.PeopleRead;
    public override Permission Changing => Permission.PeopleManage;

    public override void Committed() => people.Forget();

    public override object Created(string name, string description, ApiKeySettings settings) => new ApiKeyIssued(name, description, settings);
    public override object Changed(string name, string description, ApiKeySettings settings) => new ApiKeyChanged(name, description, settings);
    public override object Enabled() => throw new NotSupportedException("A revoked key stays revoked.");
    public override object Disabled() => new ApiKeyRevoked();
    public override object Deleted() => throw new NotSupportedException("A key stays on record.");

    public override async Task<ApiKeySettings?> ReadAsync(JsonObject body, ApiKeySettings? current, ResourceChange change, Errors errors)
    {
        foreach (var field in shown) body.Remove(field);
        if (Read<ApiKeyInput>(body, "", errors) is not { } input) return null;
        var now = await people.WithinAsync(change.Session, change.Cancellation);
        input.Validate(input.ExpiresAt == current?.ExpiresAt ? null : time.GetUtcNow(), errors);
        var settings = new ApiKeySettings
        {
            Secrets = current?.Secrets ?? [],
            Roles = now.ReadRoles(input.Roles, errors),
            Permissions = input.Permissions,
            Paths = input.Paths,
            ExpiresAt = input.ExpiresAt,
            ExpectEvery = input.ExpectEvery,
        };
        if (settings.ExpectEvery is not null && !errors.Any && !now.GrantedBy(settings).Contains(Permission.AlarmsReport)) errors.Add(
            "expectEvery", "This key may not report alarms: give it alarms.report, or expect none.");
        return settings;
    }

    public override JsonObject View(ApiKeySettings settings) => View(settings, people.NamesOfRoles(settings.Roles));

    public override JsonObject ViewWithIds(ApiKeySettings settings) => View(settings, settings.Roles);

    public override void ReplaceIds(JsonObject settings, Func<string, string, string?> nameOf) => RoleNames.ReplaceIds(settings, nameOf);

    private static JsonObject View(ApiKeySettings settings, IReadOnlyList<string> roles)
    {
        var view = new JsonObject
        {
            ["roles"] = List(roles),
            ["permissions"] = List(settings.Permissions),
            ["paths"] = List(settings.Paths),
            ["fingerprint"] = settings.Secrets is [var newest, ..] ? newest.Fingerprint : "",
        };
        if (settings.ExpiresAt is { } end) view["expiresAt"] = JsonSerializer.SerializeToNode(end, NotifyJson.Options);
        if (settings.ExpectEvery is { } minutes) view["expectEvery"] = minutes;
        if (settings.Secrets is [_, { Until: { } until }, ..]) view["previousUntil"] = JsonSerializer.SerializeToNode(until, NotifyJson.Options);
        return view;

        static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(x => JsonValue.Create(x))];
    }

    public override Task LookUpAsync(IQuerySession session, CancellationToken cancellation) => people.LookUpRolesAsync(session, cancellation);

    public override async Task CheckReferencesAsync(ApiKeySettings settings, ResourceChange change, Errors errors) =>
        (await people.WithinAsync(change.Session, change.Cancellation)).CheckRoles(settings.Roles, errors);

    public override Task GuardAsync(ApiKey? before, ApiKey? after, ResourceChange change) =>
        before is { Enabled: false }
            ? throw ProblemException.Conflict($"The API key '{before.Name}' is revoked.")
            : people.GuardAsync(
                change, x => Of(x, before).Concat(Of(x, after)), x => x.With(before, after), before?.Settings.Paths, after?.Settings.Paths);

    public override async Task<IReadOnlyList<ResourceUser>> UsedAsync(
        ApiKeySettings settings, IQuerySession session, IMessageBus bus, CancellationToken cancellation) =>
    [
        .. (await people.WithinAsync(session, cancellation)).RolesOf(settings.Roles).Select(x => new ResourceUser("role", x.Id, x.Name, x.Enabled)),
    ];

    private static IEnumerable<Permission> Of(PeopleSnapshot now, ApiKey? key) =>
        key is null ? [] : now.GrantedBy(key.Settings);
}

/// <summary>The settings of a key in requests: roles by name, single permissions, or both.</summary>
public sealed record ApiKeyInput
{
    private const int MaxRoles = 50;

    /// <summary>A week.</summary>
    private const int MostExpectEvery = 10080;

    /// <summary>Names of roles.</summary>
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>Names of permissions, in addition to those of the roles.</summary>
    public IReadOnlyList<string> Permissions { get; init => field = value ?? []; } = [];

    /// <summary>Patterns such as <c>Site1/**</c>; empty: all.</summary>
    public IReadOnlyList<string> Paths { get; init => field = value ?? []; } = [];

    /// <summary>Absent: it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The longest time between two reports, from 1 to 10080 minutes; after that Notify raises an alarm of its own. Absent: no
    /// limit.</summary>
    public int? ExpectEvery { get; init; }

    /// <param name="now">The expiry must be after this instant; null: it may be in the past.</param>
    internal void Validate(DateTimeOffset? now, Errors errors)
    {
        if (Roles.Count + Permissions.Count == 0) errors.Add("roles", "An API key needs roles or permissions.");
        if (Roles.Count > MaxRoles) errors.Add("roles", $"At most {MaxRoles} roles.");
        RoleSettings.Check(Permissions, errors);
        UserInput.CheckPaths(Paths, errors);
        if (ExpiresAt <= now) errors.Add("expiresAt", "Give an instant in the future.");
        if (ExpectEvery is < 1 or > MostExpectEvery) errors.Add("expectEvery", $"Give a whole number of minutes from 1 to {MostExpectEvery}.");
    }
}

/// <summary>The settings of a key in answers.</summary>
/// <param name="Fingerprint">The fingerprint of the current secret.</param>
/// <param name="ExpectEvery">The longest time between two reports, in minutes; absent: no limit.</param>
/// <param name="PreviousUntil">How long the previous secret stays valid.</param>
/// <param name="LastUsedAt">The last use, up to a minute late; absent: none since Notify began to record uses.</param>
/// <param name="Key">The secret, only in the answer to the request that creates it.</param>
public sealed record ApiKeyView(
    IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions, IReadOnlyList<string> Paths, string Fingerprint, DateTimeOffset? ExpiresAt = null,
    int? ExpectEvery = null, DateTimeOffset? PreviousUntil = null, DateTimeOffset? LastUsedAt = null, string? Key = null);
