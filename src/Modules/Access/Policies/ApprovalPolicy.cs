using System.Text.Json.Serialization;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.Policies;

/// <summary>The rules for approvals were set. Stream <c>policy-approval</c>.</summary>
/// <param name="ReasonKinds">The kinds of changes that need a reason; null: all.</param>
public sealed record ApprovalPolicyChanged(
    IReadOnlyList<string> Kinds, SignatureRule Signature, ReasonRule ReasonRule, IReadOnlyList<string>? ReasonKinds = null);

/// <summary>Who must sign an approved change.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignatureRule>))]
public enum SignatureRule
{
    [JsonStringEnumMemberName("none")] None,
    [JsonStringEnumMemberName("approver")] Approver,
    [JsonStringEnumMemberName("both")] Both,
}

[JsonConverter(typeof(JsonStringEnumConverter<ReasonRule>))]
public enum ReasonRule
{
    [JsonStringEnumMemberName("optional")] Optional,
    [JsonStringEnumMemberName("required")] Required,
}

/// <summary>A kind of change that may need approval.</summary>
/// <param name="Approving">The permission that an approver needs in addition to <c>configuration.approve</c>; null: none.</param>
/// <param name="Reading">The permission that reading proposals of the kind takes.</param>
public sealed record ApprovableKind(string Name, Permission? Approving, Permission Reading)
{
    /// <summary>The permissions that deciding on changes of this kind takes.</summary>
    public IReadOnlyList<Permission> Deciding =>
        Approving is null ? [Permission.ConfigurationApprove] : [Permission.ConfigurationApprove, Approving];

    /// <summary>Checks that the caller may decide on changes of this kind.</summary>
    /// <exception cref="ProblemException">403.</exception>
    public void CheckDecides(Func<Permission, bool> may, bool separated)
    {
        if (Approving is { } needed && !may(needed)) throw EndpointPermissions.Refusal(needed);
        // An audit administrator reviews the configuration that others make, and must not take part in it.
        if (separated && Approving is null && AdministratorDomain.Audit.Permissions.Any(may)) throw new ProblemException(
            403, "Not allowed.", "The audit administrator does not decide on changes of the configuration: the security administrator does.");
    }
}

/// <summary>The rules for changes: which need approval, signatures and reasons. An empty policy requires nothing.</summary>
/// <param name="Version">The version of the stream; 0: the policy was never set.</param>
public sealed record ApprovalPolicy(
    long Version, IReadOnlyList<string> Kinds, SignatureRule Signature, ReasonRule Reason, IReadOnlyList<string>? ReasonKinds)
{
    public const string Stream = Approval.PolicyStream;

    /// <summary>The kind of changes of the policy itself, which need approval whenever any kind does.</summary>
    public const string OwnKind = "policy";

    /// <summary>The kind of erasures. The text to erase is sealed and, until the decision, shown to callers who may erase.</summary>
    public const string Erasure = "erasure";

    public static readonly ApprovalPolicy None = new(0, [], SignatureRule.None, ReasonRule.Optional, null);

    public static readonly IReadOnlyList<ApprovableKind> AllKinds =
    [
        new("rule", null, Permission.ConfigurationRead),
        new("service", null, Permission.ConfigurationRead),
        new("message", null, Permission.ConfigurationRead),
        new("schedule", null, Permission.ConfigurationRead),
        new("source", null, Permission.ConfigurationRead),
        new("drill", null, Permission.ConfigurationRead),
        new("user", Permission.PeopleManage, Permission.PeopleRead),
        new("group", Permission.PeopleManage, Permission.PeopleRead),
        new("role", Permission.PeopleManage, Permission.PeopleRead),
        new("apiKey", Permission.PeopleManage, Permission.PeopleRead),
        new("retention", Permission.RetentionManage, Permission.HistoryRead),
        new("hold", Permission.RetentionManage, Permission.HistoryRead),
        new(Erasure, Permission.PersonalErase, Permission.HistoryRead),
        new("redelivery", Permission.ReplaysRedeliver, Permission.HistoryRead),
    ];

    /// <summary>Further kinds of proposals: the policy; a configuration document, whose content is of the kinds above; and credentials, which need
    /// approval if users do.</summary>
    private static readonly ApprovableKind[] others =
    [
        new(OwnKind, Permission.PeopleManage, Permission.ConfigurationRead), new("configuration", null, Permission.ConfigurationRead),
        new("password", Permission.PeopleManage, Permission.PeopleRead), new("secondFactor", Permission.PeopleManage, Permission.PeopleRead),
    ];

    public bool IsEmpty => Kinds.Count == 0 && Reason == ReasonRule.Optional;

    public static ApprovalPolicy Of(long version, ApprovalPolicyChanged x) => new(version, x.Kinds, x.Signature, x.ReasonRule, x.ReasonKinds);

    /// <exception cref="InvalidOperationException">There is no such kind.</exception>
    public static ApprovableKind KindOf(string name) => AllKinds.Concat(others).First(x => Is(x.Name, name));

    public bool NeedsApproval(IEnumerable<string> kinds) => NeedingApproval(kinds).Any();

    /// <summary>Those of these kinds that need approval.</summary>
    public IEnumerable<string> NeedingApproval(IEnumerable<string> kinds) =>
        Kinds.Count == 0 ? [] : kinds.Where(x => Is(x, OwnKind) || Kinds.Any(k => Is(k, x)));

    public bool NeedsReason(IEnumerable<string> kinds) =>
        Reason == ReasonRule.Required && kinds.Any(x => ReasonKinds is null || Is(x, OwnKind) || ReasonKinds.Any(k => Is(k, x)));

    /// <summary>The new policy.</summary>
    /// <exception cref="ProblemException">400: names each invalid field.</exception>
    public static ApprovalPolicyChanged Decide(ChangePolicy.Request request)
    {
        var errors = new Errors();
        var kinds = KindsOf(request.Kinds, "kinds", errors) ?? [];
        if (request.Kinds is null) errors.Add("kinds", "This field is required. An empty list: no change needs approval.");
        var reasonKinds = KindsOf(request.ReasonKinds, "reasonKinds", errors);
        if (reasonKinds is not null && request.Reason != ReasonRule.Required) errors.Add("reasonKinds", "Only with reason required.");
        errors.ThrowIfAny();
        return new(kinds, request.Signature ?? SignatureRule.None, request.Reason ?? ReasonRule.Optional, reasonKinds);
    }

    private static List<string>? KindsOf(IReadOnlyList<string?>? given, string field, Errors errors)
    {
        if (given is null) return null;
        foreach (var (i, name) in given.Index())
            if (AllKinds.All(x => x.Name != name)) errors.Add($"{field}[{i}]", $"Give one of {string.Join(", ", AllKinds.Select(x => x.Name))}.");
        return [.. AllKinds.Select(x => x.Name).Where(x => given.Contains(x, StringComparer.Ordinal))];
    }

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
