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
    /// <summary>A request to make one, as the OpenAPI document shows it.</summary>
    public const string Example = """
        { "name": "SCADA line 1", "description": "Reports alarms of line 1", "roles": ["intake"], "paths": ["Site1/Line1/**"],
          "expiresAt": "2027-12-31T00:00:00Z", "expectEvery": 15 }
        """;

    /// <summary>Fields that a read shows besides those that can be set.</summary>
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

    public override JsonObject View(ApiKeySettings settings)
    {
        var view = new JsonObject
        {
            ["roles"] = List(people.NamesOfRoles(settings.Roles)),
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

/// <summary>A key's settings as they are sent: roles by name, or single permissions, or both.</summary>
public sealed record ApiKeyInput
{
    private const int MaxRoles = 50;

    /// <summary>A week.</summary>
    private const int MostExpectEvery = 10080;

    /// <summary>Names of roles.</summary>
    public IReadOnlyList<string> Roles { get; init => field = value ?? []; } = [];

    /// <summary>Names of permissions, beside those of the roles.</summary>
    public IReadOnlyList<string> Permissions { get; init => field = value ?? []; } = [];

    /// <summary>Patterns such as <c>Site1/**</c>; empty: all.</summary>
    public IReadOnlyList<string> Paths { get; init => field = value ?? []; } = [];

    /// <summary>Absent: it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Minutes within which it reports at least once, from 1 to 10080; when it does not, an alarm of Notify's own says so. Absent: it may be
    /// silent.</summary>
    public int? ExpectEvery { get; init; }

    /// <param name="now">The instant after which it must expire; null: it may have expired.</param>
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

/// <summary>A key's settings as they are read.</summary>
/// <param name="Fingerprint">Of the current secret.</param>
/// <param name="ExpectEvery">Minutes within which it reports at least once; absent: it may be silent.</param>
/// <param name="PreviousUntil">So long the secret before it opens too.</param>
/// <param name="LastUsedAt">To about a minute; absent: not yet, or not since this was first counted.</param>
/// <param name="Key">Only in the answer that makes it: it is shown once.</param>
public sealed record ApiKeyView(
    IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions, IReadOnlyList<string> Paths, string Fingerprint, DateTimeOffset? ExpiresAt = null,
    int? ExpectEvery = null, DateTimeOffset? PreviousUntil = null, DateTimeOffset? LastUsedAt = null, string? Key = null);
